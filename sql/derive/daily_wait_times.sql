-- By how much the days of the touched waits change. Only waits in a queue can be abandoned; leaving within 10 seconds does not count.
SELECT
  toDate32(asked_at, {zone: String}) AS day, service, department, district, channel, team,
  sum(sign * was_served) AS served,
  sum(sign * (kind = 'wait' AND (status = 'served' OR gave_up))) AS queued,
  sum(sign * gave_up) AS abandoned,
  -- who gave up was not served in time; of vehicles only those that were seen count
  sum(sign * (promised_ms IS NOT NULL AND (was_served OR gave_up))) AS promised,
  sum(sign * (status = 'served' AND ifNull(wait_ms <= promised_ms, 0))) AS in_time,
  sum(sign) AS told
FROM
(
  SELECT
    *,
    status = 'served' AND wait_ms IS NOT NULL AS was_served,
    kind = 'wait' AND status = 'abandoned' AND ifNull(wait_ms, 10000) >= 10000 AS gave_up
  FROM (SELECT 1 AS sign, * FROM current_waits_next UNION ALL SELECT -1 AS sign, * FROM current_waits_before)
)
GROUP BY day, service, department, district, channel, team
