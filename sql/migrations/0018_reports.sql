-- Schedules of reports. Each change is a row; the row with the highest number is how a schedule stands. `origin` is `file` for those that
-- clearway.config.json declares and `page` for those people made. `since`: times before it are not due. `definition` is the schedule as JSON.
CREATE TABLE IF NOT EXISTS report_schedules
(
  number     UInt64,
  id         String,
  origin     LowCardinality(String),
  deleted    UInt8,
  since      DateTime64(3, 'UTC'),
  definition String CODEC(ZSTD(3)),
  at         DateTime64(3, 'UTC'),
  by         String
)
ENGINE = MergeTree ORDER BY number
SETTINGS fsync_after_insert = 1, fsync_part_directory = 1;

-- What became of each report for each recipient and format: rows are only added, and each tells all of its run. The row with the highest
-- number is how a run stands; numbers are given while the lock `reports` is held. `request` has filters, options and destination as JSON,
-- `made` names what was made for it and is shared by runs that ask for the same of the same data.
CREATE TABLE IF NOT EXISTS report_run_log
(
  number         UInt64,
  key            String,
  schedule       LowCardinality(String),
  report         LowCardinality(String),
  by_hand        UInt8,
  occurrence     DateTime64(3, 'UTC'),
  period_from    String,
  period_until   String,
  recipient      String,
  recipient_id   String,
  format         LowCardinality(String),
  state          LowCardinality(String),
  at             DateTime64(3, 'UTC'),
  worker         String,
  lease_until    Nullable(DateTime64(3, 'UTC')),
  attempt        UInt16,
  not_before     Nullable(DateTime64(3, 'UTC')),
  reason         String,
  made           String,
  sha256         String,
  figures_sha256 String,
  proof          String,
  as_of          String,
  data_version   String,
  request        String CODEC(ZSTD(3)),
  INDEX by_key key TYPE bloom_filter GRANULARITY 1,
  INDEX by_occurrence occurrence TYPE minmax GRANULARITY 1
)
ENGINE = MergeTree ORDER BY number
SETTINGS fsync_after_insert = 1, fsync_part_directory = 1;
