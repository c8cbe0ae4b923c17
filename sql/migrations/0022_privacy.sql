-- Whose data was erased and may not come back. Never an id: `hash` is HMAC-SHA-256 in hex of the source, a zero byte and the id of the case,
-- by the file erasure.key of the data folder.
CREATE TABLE IF NOT EXISTS erased_subjects
(
  hash    String,
  erasure String,
  at      DateTime64(3, 'UTC')
)
ENGINE = ReplacingMergeTree(at) ORDER BY hash
SETTINGS fsync_after_insert = 1, fsync_part_directory = 1;

-- The proof of every erasure: who had it done, when it began and was done, and as JSON what was found, by place. Rows are only added.
CREATE TABLE IF NOT EXISTS erasures
(
  erasure String,
  state   Enum8('begun' = 1, 'done' = 2),
  at      DateTime64(3, 'UTC'),
  by      String,
  hashes  Array(String),
  found   String
)
ENGINE = MergeTree ORDER BY (erasure, at)
SETTINGS fsync_after_insert = 1, fsync_part_directory = 1;

-- How many facts of each load are gone, so that the ledger of loads can still be compared with the tables.
CREATE TABLE IF NOT EXISTS erased_facts
(
  erasure String,
  stream  LowCardinality(String),
  load_no UInt32,
  facts   UInt64
)
ENGINE = ReplacingMergeTree ORDER BY (erasure, stream, load_no)
SETTINGS fsync_after_insert = 1, fsync_part_directory = 1;

-- The sources whose ids of cases are stored as keyed hashes, as the configuration says; an empty name is all of them.
CREATE TABLE IF NOT EXISTS pseudonymous_sources (source String) ENGINE = MergeTree ORDER BY source
SETTINGS fsync_after_insert = 1, fsync_part_directory = 1;

-- What people who see only a part asked of the whole city, so that figures of it cannot be taken from each other. Kept for two days.
CREATE TABLE IF NOT EXISTS compared
(
  who     String,
  filters String,
  at      DateTime64(3, 'UTC')
)
ENGINE = MergeTree ORDER BY (who, at)
TTL toDateTime(at) + INTERVAL 2 DAY
SETTINGS fsync_after_insert = 1, fsync_part_directory = 1;
