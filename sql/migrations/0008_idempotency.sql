-- Which load a sender's Idempotency-Key stands for: the first one counts. Kept for a week.
CREATE TABLE IF NOT EXISTS idempotency_keys
(
  key_id      String,
  request_key String,
  load_id     String,
  at          DateTime64(6, 'UTC')
)
ENGINE = MergeTree ORDER BY (key_id, request_key)
TTL toDateTime(at) + INTERVAL 7 DAY
SETTINGS fsync_after_insert = 1, fsync_part_directory = 1;
