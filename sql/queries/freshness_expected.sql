-- What the configuration expects of each source.
SELECT source, stream, every_hours, rows_per_day FROM expectations FINAL ORDER BY source, stream
