-- What does the whole ledger add up to? Rows are those of loads that are done.
SELECT
  count() AS loads,
  countIf(l.rejected > 0) AS with_rejected,
  countIf(l.state IN ('failed', 'cancelled')) AS failed,
  sumIf(l.read, l.state = 'done') AS read,
  sumIf(l.accepted, l.state = 'done') AS accepted,
  sumIf(l.rejected, l.state = 'done') AS rejected,
  sumIf(l.duplicates, l.state = 'done') AS duplicates
FROM loads AS l FINAL
