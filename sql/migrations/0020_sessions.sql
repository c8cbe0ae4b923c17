-- Sessions of people that ended before their time: rows are only added. Sessions themselves are kept by nobody but the browser, sealed.
-- `session`: one session by its id. `provider_session`: those that began with one sign-in at a provider. `person`: all sessions of a person.
-- `logout_token`: a message of a provider that was heard, so that it counts once. What began after `until` is not meant.
CREATE TABLE IF NOT EXISTS sessions_ended
(
  kind  LowCardinality(String),
  id    String,
  until DateTime64(3, 'UTC'),
  at    DateTime64(3, 'UTC')
)
ENGINE = MergeTree ORDER BY at
TTL toDateTime(at) + INTERVAL 30 DAY
SETTINGS fsync_after_insert = 1, fsync_part_directory = 1;
