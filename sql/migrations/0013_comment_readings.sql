-- Who read comments, when, what for and how many. Rows are only ever added.
CREATE TABLE IF NOT EXISTS comment_readings
(
  at         DateTime64(3, 'UTC') DEFAULT now64(3),
  -- the name and id of the key; both are empty for who asked on the machine itself
  reader     String,
  key_id     String,
  purpose    String,
  filters    String,
  comments   UInt32,
  request_id String
)
ENGINE = MergeTree ORDER BY at
SETTINGS fsync_after_insert = 1, fsync_part_directory = 1;
