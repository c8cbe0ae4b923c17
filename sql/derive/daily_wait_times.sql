-- Waits by day for the months in {months}. Only waits in a queue can be abandoned; leaving within 10 seconds does not count.
INSERT INTO daily_wait_times_next
SELECT
  toDate32(asked_at, {zone: String}) AS day, service, department, district, channel, team,
  countIf(status = 'served' AND wait_ms IS NOT NULL),
  countIf(kind = 'wait' AND (status = 'served' OR (status = 'abandoned' AND ifNull(wait_ms, 10000) >= 10000))),
  countIf(kind = 'wait' AND status = 'abandoned' AND ifNull(wait_ms, 10000) >= 10000),
  -- who gave up was not served in time; of vehicles only those that were seen count
  countIf(promised_ms IS NOT NULL AND (status = 'served' AND wait_ms IS NOT NULL OR kind = 'wait' AND status = 'abandoned' AND ifNull(wait_ms, 10000) >= 10000)),
  countIf(status = 'served' AND wait_ms <= promised_ms)
FROM
(
  SELECT * FROM current_waits WHERE (source, wait_id) NOT IN (SELECT source, wait_id FROM touched)
  UNION ALL
  SELECT * FROM current_waits_next
)
WHERE toYYYYMM(toDate32(asked_at, {zone: String})) IN {months: Array(UInt32)}
GROUP BY day, service, department, district, channel, team
