-- The version of the data with which rows of a service changed last; of all services where the name is empty. What was asked of other
-- services stays right.
CREATE TABLE IF NOT EXISTS service_versions
(
  service LowCardinality(String),
  version UInt64
)
ENGINE = ReplacingMergeTree(version) ORDER BY service
SETTINGS fsync_after_insert = 1, fsync_part_directory = 1;
