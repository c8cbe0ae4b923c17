-- What was done and when. Empty service or stage: all of them. `declared`: written in the configuration. The row with the
-- highest version is an annotation's present state; a deleted one keeps no words.
CREATE TABLE IF NOT EXISTS annotations
(
  id         String,
  service    String,
  stage      String,
  day        Date32,
  until      Nullable(Date32),
  text       String,
  author     String,
  declared   UInt8,
  created_at DateTime64(3, 'UTC'),
  deleted    UInt8,
  version    UInt64
)
ENGINE = ReplacingMergeTree(version) ORDER BY id
SETTINGS fsync_after_insert = 1, fsync_part_directory = 1;
