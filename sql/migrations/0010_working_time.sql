-- Working time: the hours of every calendar, told by days of UTC. What was worked before the day, and when it is worked on the
-- day, both in microseconds; the moments since 1970.
CREATE TABLE IF NOT EXISTS worked_days
(
  calendar  String,
  day       Date32,
  before_us Int64,
  spans     Array(Tuple(Int64, Int64)),
  version   UInt64
)
ENGINE = ReplacingMergeTree(version) ORDER BY (calendar, day);

-- Whom a case waits for while its clock is paused. Reasons in lower case.
CREATE TABLE IF NOT EXISTS pause_reasons
(
  reason  String,
  whom    Enum8('us' = 0, 'applicant' = 1, 'third_party' = 2),
  version UInt64
)
ENGINE = ReplacingMergeTree(version) ORDER BY reason;

-- Of a visit: the working time of wait and touch without pauses (null outside the calendar; all time where there is none), and the time paused.
ALTER TABLE stage_visits ADD COLUMN IF NOT EXISTS wait_worked_us Nullable(Int64) CODEC(ZSTD(1)) AFTER left_at;
ALTER TABLE stage_visits ADD COLUMN IF NOT EXISTS touch_worked_us Nullable(Int64) CODEC(ZSTD(1)) AFTER wait_worked_us;
ALTER TABLE stage_visits ADD COLUMN IF NOT EXISTS paused_us Int64 CODEC(ZSTD(1)) AFTER touch_worked_us;
ALTER TABLE stage_visits ADD COLUMN IF NOT EXISTS paused_applicant_us Int64 CODEC(ZSTD(1)) AFTER paused_us;
ALTER TABLE stage_visits ADD COLUMN IF NOT EXISTS paused_third_us Int64 CODEC(ZSTD(1)) AFTER paused_applicant_us;

-- Where every open case stands: which activity ended last, since when, and what was begun since.
CREATE TABLE IF NOT EXISTS open_visits
(
  source        LowCardinality(String),
  case_id       String CODEC(ZSTD(1)),
  position      UInt32 CODEC(ZSTD(1)),
  service       LowCardinality(String),
  department    LowCardinality(String),
  district      LowCardinality(String),
  channel       LowCardinality(String),
  team          LowCardinality(String),
  subtype       LowCardinality(String),
  from_activity LowCardinality(String),
  -- empty: not begun, and what comes next is not known
  activity      LowCardinality(String),
  entered_at    DateTime64(6, 'UTC') CODEC(GCD, ZSTD(1)),
  started_at    Nullable(DateTime64(6, 'UTC')) CODEC(GCD, ZSTD(1)),
  paused_since  Nullable(DateTime64(6, 'UTC')) CODEC(GCD, ZSTD(1)),
  again         UInt8
)
ENGINE = MergeTree
PARTITION BY toYYYYMM(entered_at)
ORDER BY (service, from_activity, entered_at)
SETTINGS fsync_after_insert = 1, fsync_part_directory = 1;

-- without its checksum the configuration is applied anew at the next start, and everything derived under it
INSERT INTO jurisdiction SELECT one, name, time_zone, sample, reopen_days, '' AS checksum, version + 2 FROM jurisdiction FINAL;
