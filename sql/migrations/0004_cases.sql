-- Derived: one row a case, recomputed for the cases a load touched. A row that moves to another month leaves a deleted
-- row behind, so every partition is right on its own: read with FINAL and do_not_merge_across_partitions_select_final.
CREATE TABLE IF NOT EXISTS cases
(
  source         LowCardinality(String),
  case_id        String CODEC(ZSTD(1)),
  service        LowCardinality(String),
  department     LowCardinality(String),
  district       LowCardinality(String),
  channel        LowCardinality(String),
  team           LowCardinality(String),
  subtype        LowCardinality(String),
  claimed        LowCardinality(String),
  outcome        LowCardinality(String),
  started_at     DateTime64(6, 'UTC') CODEC(GCD, ZSTD(1)),
  closed_at      Nullable(DateTime64(6, 'UTC')) CODEC(GCD, ZSTD(1)),
  first_closed_at Nullable(DateTime64(6, 'UTC')) CODEC(GCD, ZSTD(1)),
  reopened_at    Nullable(DateTime64(6, 'UTC')) CODEC(GCD, ZSTD(1)),
  due_at         Nullable(DateTime64(6, 'UTC')) CODEC(GCD, ZSTD(1)),
  target         Nullable(Float64),
  paused_us      Int64 CODEC(ZSTD(1)),
  visits         UInt32 CODEC(ZSTD(1)),
  last_activity  LowCardinality(String),
  last_event_at  DateTime64(6, 'UTC') CODEC(GCD, ZSTD(1)),
  version        UInt64 CODEC(Delta, ZSTD(1)),
  deleted        UInt8
)
ENGINE = ReplacingMergeTree(version, deleted)
PARTITION BY toYYYYMM(started_at)
ORDER BY (source, case_id)
SETTINGS fsync_after_insert = 1, fsync_part_directory = 1, min_age_to_force_merge_seconds = 20, min_age_to_force_merge_on_partition_only = 1;

-- Derived: one row a visit of a case to a stage, in order. entered_at is when the stage before it ended.
CREATE TABLE IF NOT EXISTS stage_visits
(
  source        LowCardinality(String),
  case_id       String CODEC(ZSTD(1)),
  position      UInt32 CODEC(Delta, ZSTD(1)),
  service       LowCardinality(String),
  department    LowCardinality(String),
  district      LowCardinality(String),
  channel       LowCardinality(String),
  team          LowCardinality(String),
  subtype       LowCardinality(String),
  from_activity LowCardinality(String),
  activity      LowCardinality(String),
  entered_at    DateTime64(6, 'UTC') CODEC(GCD, ZSTD(1)),
  started_at    Nullable(DateTime64(6, 'UTC')) CODEC(GCD, ZSTD(1)),
  left_at       DateTime64(6, 'UTC') CODEC(GCD, ZSTD(1)),
  last          UInt8,
  version       UInt64 CODEC(Delta, ZSTD(1)),
  deleted       UInt8
)
ENGINE = ReplacingMergeTree(version, deleted)
PARTITION BY toYYYYMM(left_at)
ORDER BY (source, case_id, position)
SETTINGS fsync_after_insert = 1, fsync_part_directory = 1, min_age_to_force_merge_seconds = 20, min_age_to_force_merge_on_partition_only = 1;
