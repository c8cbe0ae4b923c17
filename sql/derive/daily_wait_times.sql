-- Waits by day for the months in {months}, as if wait_times_next were in already. Only waits in a queue can be abandoned; leaving within 10 seconds does not count.
INSERT INTO daily_wait_times_next
SELECT
  toDate32(asked_at, {zone: String}) AS day, service, if(w.department = '', s.department, w.department) AS department, district, channel, team,
  countIf(status = 'served' AND wait_ms IS NOT NULL),
  countIf(kind = 'wait' AND (status = 'served' OR (status = 'abandoned' AND ifNull(wait_ms, 10000) >= 10000))),
  countIf(kind = 'wait' AND status = 'abandoned' AND ifNull(wait_ms, 10000) >= 10000)
FROM
(
  SELECT * FROM wait_times FINAL WHERE (source, wait_id) NOT IN (SELECT source, wait_id FROM wait_times_next)
  UNION ALL
  SELECT * FROM wait_times_next FINAL
) AS w
LEFT JOIN (SELECT id, department FROM services FINAL) AS s ON s.id = w.service
WHERE toYYYYMM(toDate32(asked_at, {zone: String})) IN {months: Array(UInt32)}
GROUP BY day, service, department, district, channel, team
