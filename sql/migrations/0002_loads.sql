-- The ledger of loads and the rows that did not fit. A load's row with the highest version is its present state.
CREATE TABLE IF NOT EXISTS loads
(
  load_id     String,
  load_no     UInt32,
  stream      LowCardinality(String),
  source      LowCardinality(String),
  mapping     LowCardinality(String),
  service     LowCardinality(String),
  file_name   String,
  file_sha256 String,
  bytes       UInt64,
  state       Enum8('checking' = 1, 'staging' = 2, 'publishing' = 3, 'done' = 4, 'failed' = 5, 'cancelled' = 6),
  read        UInt64,
  accepted    UInt64,
  rejected    UInt64,
  duplicates  UInt64,
  corrected   UInt64,
  facts       UInt64,
  first_time  Nullable(DateTime64(6, 'UTC')),
  last_time   Nullable(DateTime64(6, 'UTC')),
  error       String,
  started_at  DateTime64(3, 'UTC'),
  finished_at Nullable(DateTime64(3, 'UTC')),
  version     UInt64
)
ENGINE = ReplacingMergeTree(version)
ORDER BY load_id
SETTINGS fsync_after_insert = 1, fsync_part_directory = 1;

-- One row for each rule a source row broke. The raw line is personal data: kept for 30 days.
CREATE TABLE IF NOT EXISTS rejected_rows
(
  load_id     String,
  line        UInt64,
  field       LowCardinality(String),
  rule        LowCardinality(String),
  reason      String,
  raw         String,
  rejected_at DateTime('UTC')
)
ENGINE = ReplacingMergeTree(rejected_at)
ORDER BY (load_id, line, field, rule)
TTL rejected_at + INTERVAL 30 DAY
SETTINGS fsync_after_insert = 1, fsync_part_directory = 1;
