-- The three streams as facts. A row is one version of a natural key; the highest version counts (read with FINAL).
CREATE TABLE IF NOT EXISTS case_events
(
  source      LowCardinality(String),
  case_id     String CODEC(ZSTD(1)),
  event_key   UInt64 CODEC(ZSTD(1)),
  service     LowCardinality(String),
  department  LowCardinality(String),
  district    LowCardinality(String),
  channel     LowCardinality(String),
  team        LowCardinality(String),
  subtype     LowCardinality(String),
  activity    LowCardinality(String),
  lifecycle   LowCardinality(String),
  time        DateTime64(6, 'UTC') CODEC(GCD, ZSTD(1)),
  clock       Enum8('' = 0, 'start' = 1, 'pause' = 2, 'resume' = 3, 'stop' = 4),
  reason      LowCardinality(String),
  outcome     LowCardinality(String),
  due_at      Nullable(DateTime64(6, 'UTC')) CODEC(GCD, ZSTD(1)),
  claimed     LowCardinality(String),
  seq         UInt64 CODEC(Delta, ZSTD(1)),
  version     UInt64 CODEC(Delta, ZSTD(1)),
  deleted     UInt8,
  load_no     UInt32 CODEC(Delta, ZSTD(1))
)
ENGINE = ReplacingMergeTree(version, deleted)
ORDER BY (source, case_id, event_key)
SETTINGS index_granularity = 1024, fsync_after_insert = 1, fsync_part_directory = 1, non_replicated_deduplication_window = 1000;

CREATE TABLE IF NOT EXISTS wait_times
(
  source      LowCardinality(String),
  wait_id     String CODEC(ZSTD(1)),
  service     LowCardinality(String),
  department  LowCardinality(String),
  district    LowCardinality(String),
  channel     LowCardinality(String),
  team        LowCardinality(String),
  asked_at    DateTime64(6, 'UTC') CODEC(GCD, ZSTD(1)),
  wait_ms     Nullable(Int64) CODEC(ZSTD(1)),
  kind        Enum8('wait' = 1, 'delay' = 2),
  status      Enum8('served' = 1, 'abandoned' = 2, 'skipped' = 3, 'cancelled' = 4),
  case_id     String CODEC(ZSTD(1)),
  version     UInt64 CODEC(Delta, ZSTD(1)),
  deleted     UInt8,
  load_no     UInt32 CODEC(Delta, ZSTD(1))
)
ENGINE = ReplacingMergeTree(version, deleted)
ORDER BY (source, wait_id)
SETTINGS fsync_after_insert = 1, fsync_part_directory = 1, non_replicated_deduplication_window = 1000;

CREATE TABLE IF NOT EXISTS outcomes
(
  source      LowCardinality(String),
  outcome_id  String CODEC(ZSTD(1)),
  service     LowCardinality(String),
  department  LowCardinality(String),
  district    LowCardinality(String),
  channel     LowCardinality(String),
  team        LowCardinality(String),
  at          DateTime64(6, 'UTC') CODEC(GCD, ZSTD(1)),
  case_id     String CODEC(ZSTD(1)),
  outcome     LowCardinality(String),
  intended    Enum8('' = 0, 'yes' = 1, 'no' = 2),
  offered     UInt8,
  rating      Nullable(UInt8),
  respondent  UInt64,
  version     UInt64 CODEC(Delta, ZSTD(1)),
  deleted     UInt8,
  load_no     UInt32 CODEC(Delta, ZSTD(1))
)
ENGINE = ReplacingMergeTree(version, deleted)
ORDER BY (source, outcome_id)
SETTINGS fsync_after_insert = 1, fsync_part_directory = 1, non_replicated_deduplication_window = 1000;
