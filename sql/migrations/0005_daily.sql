-- Daily roll-ups of everything that may be added up, one a stream. A day is a day of the jurisdiction's time zone;
-- days that change are made anew and take the place of the old ones. Days on which nothing happened have no row.
CREATE TABLE IF NOT EXISTS daily_cases
(
  day              Date32,
  service          LowCardinality(String),
  department       LowCardinality(String),
  district         LowCardinality(String),
  channel          LowCardinality(String),
  team             LowCardinality(String),
  received         UInt64 CODEC(T64, ZSTD(1)),
  received_known   UInt64 CODEC(T64, ZSTD(1)),
  promised         UInt64 CODEC(T64, ZSTD(1)),
  received_digital UInt64 CODEC(T64, ZSTD(1)),
  closed           UInt64 CODEC(T64, ZSTD(1)),
  due              UInt64 CODEC(T64, ZSTD(1)),
  on_time          UInt64 CODEC(T64, ZSTD(1)),
  on_time_strict   UInt64 CODEC(T64, ZSTD(1)),
  first_closed     UInt64 CODEC(T64, ZSTD(1)),
  reopened         UInt64 CODEC(T64, ZSTD(1))
)
ENGINE = MergeTree PARTITION BY toYYYYMM(day)
ORDER BY (service, day, department, district, channel, team)
SETTINGS fsync_after_insert = 1, fsync_part_directory = 1;

CREATE TABLE IF NOT EXISTS daily_wait_times
(
  day        Date32,
  service    LowCardinality(String),
  department LowCardinality(String),
  district   LowCardinality(String),
  channel    LowCardinality(String),
  team       LowCardinality(String),
  served     UInt64 CODEC(T64, ZSTD(1)),
  queued     UInt64 CODEC(T64, ZSTD(1)),
  abandoned  UInt64 CODEC(T64, ZSTD(1)),
  promised   UInt64 CODEC(T64, ZSTD(1)),
  in_time    UInt64 CODEC(T64, ZSTD(1)),
  -- waits of any status
  told       UInt64 CODEC(T64, ZSTD(1))
)
ENGINE = MergeTree PARTITION BY toYYYYMM(day)
ORDER BY (service, day, department, district, channel, team)
SETTINGS fsync_after_insert = 1, fsync_part_directory = 1;

CREATE TABLE IF NOT EXISTS daily_outcomes
(
  day          Date32,
  service      LowCardinality(String),
  department   LowCardinality(String),
  district     LowCardinality(String),
  channel      LowCardinality(String),
  team         LowCardinality(String),
  intended_yes UInt64 CODEC(T64, ZSTD(1)),
  intended_no  UInt64 CODEC(T64, ZSTD(1)),
  offered      UInt64 CODEC(T64, ZSTD(1)),
  answered     UInt64 CODEC(T64, ZSTD(1)),
  satisfied    UInt64 CODEC(T64, ZSTD(1)),
  -- outcomes with or without an answer
  told         UInt64 CODEC(T64, ZSTD(1))
)
ENGINE = MergeTree PARTITION BY toYYYYMM(day)
ORDER BY (service, day, department, district, channel, team)
SETTINGS fsync_after_insert = 1, fsync_part_directory = 1;

-- Moves on whenever figures may have changed. Odd while a load is being published: answers given then are not cached, and
-- `publishing` says of which stream, so that whoever comes after a process that died in that moment can finish it.
CREATE TABLE IF NOT EXISTS data_version
(
  one     UInt8,
  version UInt64,
  publishing LowCardinality(String),
  whole   UInt8,
  at      DateTime64(3, 'UTC') DEFAULT now64(3)
)
ENGINE = ReplacingMergeTree(version) ORDER BY one
SETTINGS fsync_after_insert = 1, fsync_part_directory = 1;
