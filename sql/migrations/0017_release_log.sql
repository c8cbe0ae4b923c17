-- What was done with each release, by whom, when and why. Rows are only added: the state of a release is what they say.
-- `number` orders all steps of the store. `manifest` is the SHA-256 of the manifest the step is about, so that what was approved is
-- what is published. `about`, with `built` only, is what the public site says of the release, as JSON.
CREATE TABLE IF NOT EXISTS release_log
(
  number   UInt64,
  release  String,
  step     LowCardinality(String),
  at       DateTime64(3, 'UTC'),
  key_id   String,
  key_name String,
  reason   String,
  manifest String,
  about    String
)
ENGINE = MergeTree ORDER BY (release, number)
SETTINGS fsync_after_insert = 1, fsync_part_directory = 1;

-- The release calendar as it was announced: one row each time a month got another time, or was taken off or put back.
CREATE TABLE IF NOT EXISTS release_calendar
(
  month     String,
  at        DateTime64(3, 'UTC'),
  reason    String,
  cancelled UInt8,
  noted_at  DateTime64(3, 'UTC')
)
ENGINE = MergeTree ORDER BY (month, noted_at)
SETTINGS fsync_after_insert = 1, fsync_part_directory = 1;
