-- What changed for good is told by weeks. These tables are made after a load, month by month of the moment left, as `stage_visits` is kept: a
-- month of them is made of the same month of the visits, and of nothing else. Weeks begin on Monday and are numbered from 29 December 1969.

-- The visits of one kind of case that a team ended in a week, added up.
CREATE TABLE IF NOT EXISTS weekly_visits
(
  month     UInt32,
  service   LowCardinality(String),
  stage     LowCardinality(String),
  district  LowCardinality(String),
  channel   LowCardinality(String),
  team      LowCardinality(String),
  subtype   LowCardinality(String),
  again     UInt8,
  week      Int32 CODEC(Delta, ZSTD(1)),
  visits    UInt64 CODEC(T64, ZSTD(1)),
  -- visits whose touch is known, and the sum of the logarithms of its worked minutes where no night lies in it
  told      UInt64 CODEC(T64, ZSTD(1)),
  touch     Float64 CODEC(ZSTD(1)),
  -- each touch with nights in it, in microseconds, and how many
  overnight Array(Tuple(Int64, Int32)) CODEC(ZSTD(1)),
  -- visits whose stay is known, without the first of a case, and the sum of the logarithms of its worked minutes
  stayed    UInt64 CODEC(T64, ZSTD(1)),
  stay      Float64 CODEC(ZSTD(1))
)
ENGINE = MergeTree PARTITION BY month
ORDER BY (service, stage, district, channel, subtype, again, team, week)
SETTINGS fsync_after_insert = 1, fsync_part_directory = 1;

-- The visits that came to a stage in one week and left it in another: all of them (dimension empty), and those of every district, channel, team and
-- subtype. The first activity of a case has nothing before it, and its case came when it was begun.
CREATE TABLE IF NOT EXISTS weekly_moves
(
  month         UInt32,
  service       LowCardinality(String),
  dimension     LowCardinality(String),
  value         LowCardinality(String),
  from_activity LowCardinality(String),
  stage         LowCardinality(String),
  came_week     Int32 CODEC(Delta, ZSTD(1)),
  left_week     Int32 CODEC(Delta, ZSTD(1)),
  visits        UInt64 CODEC(T64, ZSTD(1)),
  -- visits of cases that had been there before
  returned      UInt64 CODEC(T64, ZSTD(1)),
  -- from the moments at which the cases came, and left, to the ends of those weeks
  came_rest_us  Int64 CODEC(ZSTD(1)),
  left_rest_us  Int64 CODEC(ZSTD(1)),
  -- visits that were paused, for how long, and the sum of the logarithms of the paused minutes
  paused        UInt64 CODEC(T64, ZSTD(1)),
  paused_us     Int64 CODEC(ZSTD(1)),
  pause         Float64 CODEC(ZSTD(1))
)
ENGINE = MergeTree PARTITION BY month
ORDER BY (service, dimension, value, from_activity, stage, left_week, came_week)
SETTINGS fsync_after_insert = 1, fsync_part_directory = 1;

-- The ways of all cases, whatever else is chosen.
CREATE VIEW IF NOT EXISTS weekly_ways AS
SELECT month, service, from_activity, stage, left_week AS week, visits FROM weekly_moves WHERE dimension = '';

-- When the visits of a stage ended in a week, and how long they were: what cannot be added up.
CREATE TABLE IF NOT EXISTS weekly_ends
(
  month    UInt32,
  service  LowCardinality(String),
  stage    LowCardinality(String),
  week     Int32 CODEC(Delta, ZSTD(1)),
  -- visits that ended on each day of the week, Monday first
  on_days  Array(UInt64) CODEC(ZSTD(1)),
  -- how long each stayed, in worked microseconds, where it is known; without the first of a case
  stay_us  Array(Int64) CODEC(ZSTD(1))
)
ENGINE = MergeTree PARTITION BY month ORDER BY (service, stage, week)
SETTINGS fsync_after_insert = 1, fsync_part_directory = 1;

-- When on the day work was completed, in seconds: of one case in sixteen, which tell the hours of a service as well as all.
CREATE TABLE IF NOT EXISTS monthly_hours
(
  month    UInt32,
  service  LowCardinality(String),
  ended_at Array(UInt32) CODEC(ZSTD(1))
)
ENGINE = MergeTree PARTITION BY month ORDER BY service
SETTINGS fsync_after_insert = 1, fsync_part_directory = 1;

-- Which months of the visits changed, counted up, and up to which change the tables above have them.
CREATE TABLE IF NOT EXISTS weekly_changes
(
  month   UInt32,
  changed SimpleAggregateFunction(max, UInt64),
  made    SimpleAggregateFunction(max, UInt64)
)
ENGINE = AggregatingMergeTree ORDER BY month
SETTINGS fsync_after_insert = 1, fsync_part_directory = 1;

INSERT INTO weekly_changes (month, changed, made) SELECT DISTINCT toYYYYMM(left_at), 1, 0 FROM stage_visits;
