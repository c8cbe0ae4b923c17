-- When rows arrived: by how much a load changed the number of rows of a day (of the jurisdiction) of a source. Added up over the
-- loads it is what is held; a withdrawal or a move to another day counts -1 where the row was. Written once a load, before its
-- rows are visible. A load of more than 30 days of a source is `history`: how long its rows waited (in hours) is not kept.
CREATE TABLE IF NOT EXISTS arrivals
(
  source     LowCardinality(String),
  stream     LowCardinality(String),
  service    LowCardinality(String),
  day        Date32,
  load_no    UInt32 CODEC(Delta, ZSTD(1)),
  arrived_at DateTime('UTC') CODEC(Delta, ZSTD(1)),
  history    UInt8,
  waited_h   UInt32 CODEC(T64, ZSTD(1)),
  rows       Int64 CODEC(T64, ZSTD(1)),
  first_time DateTime64(6, 'UTC') CODEC(GCD, ZSTD(1)),
  last_time  DateTime64(6, 'UTC') CODEC(GCD, ZSTD(1))
)
ENGINE = MergeTree ORDER BY (source, stream, day, load_no)
SETTINGS fsync_after_insert = 1, fsync_part_directory = 1, non_replicated_deduplication_window = 1000;

-- What the configuration says that a system should send. No rows a day: what came before is the measure.
CREATE TABLE IF NOT EXISTS expectations
(
  source       String,
  stream       String,
  every_hours  Float64,
  rows_per_day Nullable(Float64),
  version      UInt64
)
ENGINE = ReplacingMergeTree(version) ORDER BY (source, stream);
