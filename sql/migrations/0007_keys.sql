-- Keys of programs that call the API, kept as hashes. The row with the highest version is a key's present state.
CREATE TABLE IF NOT EXISTS api_keys
(
  id         String,
  name       String,
  role       LowCardinality(String),
  scopes     Array(String),
  hash       String,
  created_at DateTime64(3, 'UTC'),
  revoked_at Nullable(DateTime64(3, 'UTC')),
  version    UInt64
)
ENGINE = ReplacingMergeTree(version) ORDER BY id
SETTINGS fsync_after_insert = 1, fsync_part_directory = 1;

-- When a key was last used. A table of its own: noting a use may never undo a revocation.
CREATE TABLE IF NOT EXISTS api_key_uses
(
  id      String,
  used_at DateTime64(3, 'UTC')
)
ENGINE = ReplacingMergeTree(used_at) ORDER BY id;
