-- What an outcome code means, by service; service '' holds for all services that say nothing of the code. Codes in lower case.
CREATE TABLE IF NOT EXISTS outcome_classes
(
  service String,
  code    String,
  class   Enum8('intended' = 1, 'resolved' = 2, 'not_eligible' = 3, 'refused' = 4, 'withdrawn' = 5, 'duplicate' = 6),
  version UInt64
)
ENGINE = ReplacingMergeTree(version) ORDER BY (service, code);

-- Which events are contacts and no work: the activity or the reason, in lower case.
CREATE TABLE IF NOT EXISTS contact_kinds
(
  name    String,
  kind    Enum8('chasing' = 1, 'challenging' = 2, 'other' = 3),
  version UInt64
)
ENGINE = ReplacingMergeTree(version) ORDER BY name;

-- What a service cost from a day (inclusive) until a day (exclusive).
CREATE TABLE IF NOT EXISTS costs
(
  service  String,
  from     Date32,
  until    Date32,
  amount   Float64,
  currency String,
  version  UInt64
)
ENGINE = ReplacingMergeTree(version) ORDER BY (service, from);

ALTER TABLE jurisdiction ADD COLUMN IF NOT EXISTS repeat_days UInt16 DEFAULT 14;

-- `class` is empty while a case is open, and unmapped where nothing says what its outcome means.
ALTER TABLE cases
  ADD COLUMN IF NOT EXISTS class LowCardinality(String),
  ADD COLUMN IF NOT EXISTS contacts Array(Tuple(at DateTime64(6, 'UTC'), kind Enum8('chasing' = 1, 'challenging' = 2, 'other' = 3))) CODEC(ZSTD(1));

-- Cases closed on the day by class; `repeated` are those first closed on the day about which somebody got in touch again soon after;
-- contacts count on the day they were made.
ALTER TABLE daily_cases
  ADD COLUMN IF NOT EXISTS intended UInt64 CODEC(T64, ZSTD(1)),
  ADD COLUMN IF NOT EXISTS resolved UInt64 CODEC(T64, ZSTD(1)),
  ADD COLUMN IF NOT EXISTS not_eligible UInt64 CODEC(T64, ZSTD(1)),
  ADD COLUMN IF NOT EXISTS refused UInt64 CODEC(T64, ZSTD(1)),
  ADD COLUMN IF NOT EXISTS withdrawn UInt64 CODEC(T64, ZSTD(1)),
  ADD COLUMN IF NOT EXISTS duplicate UInt64 CODEC(T64, ZSTD(1)),
  ADD COLUMN IF NOT EXISTS unmapped UInt64 CODEC(T64, ZSTD(1)),
  ADD COLUMN IF NOT EXISTS repeated UInt64 CODEC(T64, ZSTD(1)),
  ADD COLUMN IF NOT EXISTS chasing UInt64 CODEC(T64, ZSTD(1)),
  ADD COLUMN IF NOT EXISTS challenging UInt64 CODEC(T64, ZSTD(1)),
  ADD COLUMN IF NOT EXISTS other_contacts UInt64 CODEC(T64, ZSTD(1));

-- without its checksum the configuration is applied anew at the next start, and everything derived under it
INSERT INTO jurisdiction (one, name, time_zone, sample, reopen_days, checksum, version) SELECT one, name, time_zone, sample, reopen_days, '' AS checksum, version + 2 FROM jurisdiction FINAL;
