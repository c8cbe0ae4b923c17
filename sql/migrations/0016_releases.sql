-- What releases are made of. Rows are only ever added.

-- The exact figures of a release, as they stood at one version of the data. A release is frozen once the row of `frozen_releases`
-- is there, which is written last and names the freeze; figures of a freeze without it belong to a run that was interrupted.
CREATE TABLE IF NOT EXISTS frozen_counts
(
  freeze   UUID,
  count    LowCardinality(String),
  -- `all` is everything; an empty district or channel is one that was not stated
  service  LowCardinality(String),
  district LowCardinality(String),
  channel  LowCardinality(String),
  period   LowCardinality(String),
  value    Int64 CODEC(T64, ZSTD(1))
)
ENGINE = MergeTree ORDER BY (freeze, count, service, district, channel, period)
SETTINGS fsync_after_insert = 1, fsync_part_directory = 1;

-- Medians and other quantiles in seconds, of `n` cases, with their 95 % intervals.
CREATE TABLE IF NOT EXISTS frozen_times
(
  freeze   UUID,
  time     LowCardinality(String),
  service  LowCardinality(String),
  district LowCardinality(String),
  channel  LowCardinality(String),
  period   LowCardinality(String),
  n        UInt64,
  value    Nullable(Float64),
  low      Nullable(Float64),
  high     Nullable(Float64)
)
ENGINE = MergeTree ORDER BY (freeze, time, service, district, channel, period)
SETTINGS fsync_after_insert = 1, fsync_part_directory = 1;

-- How much of each period is known of a service in each stream, 0 to 1. A service without a row tells nothing in that stream.
CREATE TABLE IF NOT EXISTS frozen_known
(
  freeze   UUID,
  stream   LowCardinality(String),
  service  LowCardinality(String),
  period   LowCardinality(String),
  complete Float64
)
ENGINE = MergeTree ORDER BY (freeze, stream, service, period)
SETTINGS fsync_after_insert = 1, fsync_part_directory = 1;

CREATE TABLE IF NOT EXISTS frozen_releases
(
  release      String,
  freeze       UUID,
  month        String,
  data_version UInt64,
  -- title, version and times of the release; and what it is about: names, standards, costs, how it is published. Both as JSON
  head         String CODEC(ZSTD(3)),
  about        String CODEC(ZSTD(3)),
  -- the releases that were public before, in the order they became it: only these are compared with
  earlier      Array(String),
  at           DateTime64(3, 'UTC') DEFAULT now64(3)
)
ENGINE = MergeTree ORDER BY (release, at)
SETTINGS fsync_after_insert = 1, fsync_part_directory = 1;

-- The revision ledger: every number of every release as people were given it. What is hidden stands without a value.
CREATE TABLE IF NOT EXISTS published_figures
(
  freeze     UUID,
  `table`    LowCardinality(String),
  measure    LowCardinality(String),
  service    LowCardinality(String),
  district   LowCardinality(String),
  channel    LowCardinality(String),
  period     LowCardinality(String),
  outcome    LowCardinality(String),
  answer     LowCardinality(String),
  value      Nullable(Float64),
  low        Nullable(Float64),
  high       Nullable(Float64),
  was        Nullable(Float64),
  marks      Array(LowCardinality(String))
)
ENGINE = MergeTree ORDER BY (freeze, `table`, measure, service, district, channel, period)
SETTINGS fsync_after_insert = 1, fsync_part_directory = 1;

-- The freezes whose figures are all in the ledger: written after them.
CREATE TABLE IF NOT EXISTS published_freezes
(
  release String,
  freeze  UUID,
  at      DateTime64(3, 'UTC') DEFAULT now64(3)
)
ENGINE = MergeTree ORDER BY (release, at)
SETTINGS fsync_after_insert = 1, fsync_part_directory = 1;
