-- What people's questions are answered from: always exactly the current rows, ordered by service. What a load touches is
-- made beside the table; in one moment the old rows are marked as gone and the new ones attached, so no version and no
-- FINAL is needed.

-- One row a case, derived from its events.
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
  -- the due time with what moved it on
  extended_due_at Nullable(DateTime64(6, 'UTC')) CODEC(GCD, ZSTD(1)),
  target         Nullable(Float64),
  paused_us      Int64 CODEC(ZSTD(1)),
  -- since when the clock of an open case stands still
  paused_since   Nullable(DateTime64(6, 'UTC')) CODEC(GCD, ZSTD(1)),
  visits         UInt32 CODEC(ZSTD(1)),
  last_activity  LowCardinality(String),
  -- the visits of the case lie between its first and its last event
  first_event_at DateTime64(6, 'UTC') CODEC(GCD, ZSTD(1)),
  last_event_at  DateTime64(6, 'UTC') CODEC(GCD, ZSTD(1))
)
ENGINE = MergeTree
PARTITION BY toYYYYMM(started_at)
ORDER BY (service, started_at)
SETTINGS fsync_after_insert = 1, fsync_part_directory = 1;

-- One row a visit of a case to a stage, in order. entered_at is when the stage before it ended.
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
  repetition    UInt32 CODEC(ZSTD(1)),
  last          UInt8
)
ENGINE = MergeTree
PARTITION BY toYYYYMM(left_at)
ORDER BY (service, activity, left_at)
SETTINGS fsync_after_insert = 1, fsync_part_directory = 1;

-- The current version of every wait, with the department that answers for it.
CREATE TABLE IF NOT EXISTS current_waits
(
  source     LowCardinality(String),
  wait_id    String CODEC(ZSTD(1)),
  service    LowCardinality(String),
  department LowCardinality(String),
  district   LowCardinality(String),
  channel    LowCardinality(String),
  team       LowCardinality(String),
  asked_at   DateTime64(6, 'UTC') CODEC(GCD, ZSTD(1)),
  wait_ms    Nullable(Int64) CODEC(ZSTD(1)),
  kind       Enum8('wait' = 1, 'delay' = 2),
  status     Enum8('served' = 1, 'abandoned' = 2, 'skipped' = 3, 'cancelled' = 4),
  promised_ms Nullable(Int64) CODEC(ZSTD(1))
)
ENGINE = MergeTree
PARTITION BY toYYYYMM(asked_at)
ORDER BY (service, asked_at)
SETTINGS fsync_after_insert = 1, fsync_part_directory = 1;

-- The current version of every outcome, with the department that answers for it.
CREATE TABLE IF NOT EXISTS current_outcomes
(
  source     LowCardinality(String),
  outcome_id String CODEC(ZSTD(1)),
  service    LowCardinality(String),
  department LowCardinality(String),
  district   LowCardinality(String),
  channel    LowCardinality(String),
  team       LowCardinality(String),
  at         DateTime64(6, 'UTC') CODEC(GCD, ZSTD(1)),
  case_id    String CODEC(ZSTD(1)),
  outcome    LowCardinality(String),
  intended   Enum8('' = 0, 'yes' = 1, 'no' = 2),
  offered    UInt8,
  rating     Nullable(UInt8),
  respondent UInt64
)
ENGINE = MergeTree
PARTITION BY toYYYYMM(at)
ORDER BY (service, at)
SETTINGS fsync_after_insert = 1, fsync_part_directory = 1;
