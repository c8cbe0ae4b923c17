-- Who did what, when and what for. Rows are only added. Each process that writes has a chain of its own, so that none waits for another:
-- an entry carries the hash of the one before it, and the first of a chain the last entries of the chains there were (`after`, each as
-- chain:no:hash), so that an entry that was changed or taken away shows. `hash` is the SHA-256 of all else; sql/auditChain.ts says of what.
-- Of `object` the chain knows only `seal`, the SHA-256 of it and a random salt: what was done with can be emptied when a person has a right
-- to be forgotten, and the chain stays whole. Ordered as it is verified, which then needs no memory.
CREATE TABLE IF NOT EXISTS audit
(
  chain      String,
  no         UInt64,
  at         DateTime64(3, 'UTC'),
  actor_kind LowCardinality(String),
  actor_id   String,
  actor_name String,
  deed       LowCardinality(String),
  object     String,
  salt       String,
  seal       String,
  purpose    String,
  -- JSON: what else there is to know, never personal data or secrets
  detail     String CODEC(ZSTD(3)),
  request_id String,
  -- the network, never the address of one machine
  address    String,
  previous   String,
  after      Array(String),
  hash       String,
  INDEX by_at at TYPE minmax GRANULARITY 1
)
ENGINE = MergeTree ORDER BY (chain, no)
SETTINGS fsync_after_insert = 1, fsync_part_directory = 1;
