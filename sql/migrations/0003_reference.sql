-- What the configuration declares: services, who answers for them, places, ways in, promises, working days.
CREATE TABLE IF NOT EXISTS jurisdiction
(
  one         UInt8,
  name        String,
  time_zone   String,
  sample      UInt8,
  reopen_days UInt16,
  checksum    String,
  version     UInt64
)
ENGINE = ReplacingMergeTree(version) ORDER BY one;

CREATE TABLE IF NOT EXISTS departments (id String, name String, version UInt64) ENGINE = ReplacingMergeTree(version) ORDER BY id;

CREATE TABLE IF NOT EXISTS services
(
  id          String,
  name        String,
  department  String,
  calendar    String,
  closes      Enum8('stop' = 1, 'last_event' = 2),
  means       String,
  version     UInt64
)
ENGINE = ReplacingMergeTree(version) ORDER BY id;

CREATE TABLE IF NOT EXISTS districts (id String, name String, version UInt64) ENGINE = ReplacingMergeTree(version) ORDER BY id;

CREATE TABLE IF NOT EXISTS channels (id String, name String, digital UInt8, version UInt64) ENGINE = ReplacingMergeTree(version) ORDER BY id;

-- A promise with the dates it holds for: valid_from inclusive, valid_until exclusive.
CREATE TABLE IF NOT EXISTS service_standards
(
  service     String,
  subtype     String,
  valid_from  Date32,
  valid_until Date32,
  value       Float64,
  unit        Enum8('working_days' = 1, 'days' = 2, 'hours' = 3, 'minutes' = 4),
  target      Float64,
  basis       String,
  version     UInt64
)
ENGINE = ReplacingMergeTree(version) ORDER BY (service, subtype, valid_from);

-- Every day of a calendar; working_index counts the working days up to and including the day.
CREATE TABLE IF NOT EXISTS calendar_days
(
  calendar      String,
  day           Date32,
  working       UInt8,
  working_index Int32,
  holiday       String,
  version       UInt64
)
ENGINE = ReplacingMergeTree(version) ORDER BY (calendar, day);
