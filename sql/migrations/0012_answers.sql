-- What people say beside one rating: the seven drivers of the federal model, whether they would recommend it, a thumb where only
-- a thumb was asked for, answers without an opinion, and their own words.
ALTER TABLE outcomes
  ADD COLUMN IF NOT EXISTS no_opinion UInt8,
  ADD COLUMN IF NOT EXISTS effectiveness Nullable(UInt8),
  ADD COLUMN IF NOT EXISTS ease Nullable(UInt8),
  ADD COLUMN IF NOT EXISTS speed Nullable(UInt8),
  ADD COLUMN IF NOT EXISTS transparency Nullable(UInt8),
  ADD COLUMN IF NOT EXISTS humanity Nullable(UInt8),
  ADD COLUMN IF NOT EXISTS employee Nullable(UInt8),
  ADD COLUMN IF NOT EXISTS trust Nullable(UInt8),
  ADD COLUMN IF NOT EXISTS recommend Nullable(UInt8),
  ADD COLUMN IF NOT EXISTS thumbs Enum8('' = 0, 'up' = 1, 'down' = 2),
  -- already without names, addresses and numbers: what was typed is never stored. It lies with its row, so that a correction or a
  -- withdrawal takes it away in the same moment; nothing that answers people reads this table.
  ADD COLUMN IF NOT EXISTS comment String CODEC(ZSTD(3)),
  ADD COLUMN IF NOT EXISTS language LowCardinality(String);

-- `answered`: gave any answer, with or without an opinion. The share satisfied is of those with a `rating`.
ALTER TABLE current_outcomes
  ADD COLUMN IF NOT EXISTS answered UInt8,
  ADD COLUMN IF NOT EXISTS no_opinion UInt8,
  ADD COLUMN IF NOT EXISTS effectiveness Nullable(UInt8),
  ADD COLUMN IF NOT EXISTS ease Nullable(UInt8),
  ADD COLUMN IF NOT EXISTS speed Nullable(UInt8),
  ADD COLUMN IF NOT EXISTS transparency Nullable(UInt8),
  ADD COLUMN IF NOT EXISTS humanity Nullable(UInt8),
  ADD COLUMN IF NOT EXISTS employee Nullable(UInt8),
  ADD COLUMN IF NOT EXISTS trust Nullable(UInt8),
  ADD COLUMN IF NOT EXISTS recommend Nullable(UInt8),
  ADD COLUMN IF NOT EXISTS thumbs Enum8('' = 0, 'up' = 1, 'down' = 2),
  -- whether there is a comment; its words are in `comments`
  ADD COLUMN IF NOT EXISTS commented UInt8;

-- `answered` counts any answer, `rated` those with a rating, of which `satisfied` are 4 and 5.
ALTER TABLE daily_outcomes
  ADD COLUMN IF NOT EXISTS rated UInt64 CODEC(T64, ZSTD(1)),
  ADD COLUMN IF NOT EXISTS no_opinion UInt64 CODEC(T64, ZSTD(1));

-- The comments of the current outcomes, apart from everything that is counted: only what shows comments to those with the right,
-- and the count of themes, reads this table.
CREATE TABLE IF NOT EXISTS comments
(
  source     LowCardinality(String),
  outcome_id String CODEC(ZSTD(1)),
  service    LowCardinality(String),
  department LowCardinality(String),
  district   LowCardinality(String),
  channel    LowCardinality(String),
  team       LowCardinality(String),
  at         DateTime64(6, 'UTC') CODEC(GCD, ZSTD(1)),
  rating     Nullable(UInt8),
  language   LowCardinality(String),
  comment    String CODEC(ZSTD(3)),
  themes     Array(LowCardinality(String))
)
ENGINE = MergeTree
PARTITION BY toYYYYMM(at)
ORDER BY (service, at)
SETTINGS fsync_after_insert = 1, fsync_part_directory = 1;
