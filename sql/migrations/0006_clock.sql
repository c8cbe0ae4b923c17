-- The due time with what moved it on, and since when the clock of an open case stands still.
ALTER TABLE cases ADD COLUMN IF NOT EXISTS extended_due_at Nullable(DateTime64(6, 'UTC')) DEFAULT addMicroseconds(due_at, paused_us) CODEC(GCD, ZSTD(1)) AFTER due_at;

ALTER TABLE cases ADD COLUMN IF NOT EXISTS paused_since Nullable(DateTime64(6, 'UTC')) CODEC(GCD, ZSTD(1)) AFTER paused_us;

-- without its checksum the configuration is applied anew at the next start, and everything derived under it
INSERT INTO jurisdiction SELECT one, name, time_zone, sample, reopen_days, '' AS checksum, version + 1 FROM jurisdiction FINAL;
