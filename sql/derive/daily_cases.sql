-- Cases by day for the months in {months}: begun, ended, ended for the first time.
INSERT INTO daily_cases_next
SELECT
  day, service, department, district, channel, team,
  sum(received), sum(received AND channel != ''), sum(received AND due), sum(received AND channel IN (SELECT id FROM channels FINAL WHERE digital = 1)),
  sum(closed), sum(closed AND due), sum(closed AND on_time), sum(closed AND on_time_strict),
  sum(first_closed), sum(first_closed AND reopened)
FROM
(
  SELECT
    service, department, district, channel, team,
    due_at IS NOT NULL AS due,
    ifNull(closed_at <= extended_due_at, 0) AS on_time,
    ifNull(closed_at <= due_at, 0) AS on_time_strict,
    ifNull(reopened_at <= first_closed_at + toIntervalDay({reopen_days: UInt16}), 0) AS reopened,
    happened.1 AS day,
    happened.2 = 'received' AS received,
    happened.2 = 'closed' AS closed,
    happened.2 = 'first_closed' AS first_closed
  FROM
  (
    SELECT * FROM cases WHERE (source, case_id) NOT IN (SELECT source, case_id FROM touched)
    UNION ALL
    SELECT * FROM cases_next
  )
  ARRAY JOIN arrayFilter(h -> toYYYYMM(h.1) IN {months: Array(UInt32)}, arrayConcat(
    [(toDate32(started_at, {zone: String}), 'received')],
    if(closed_at IS NULL, [], [(toDate32(assumeNotNull(closed_at), {zone: String}), 'closed')]),
    if(first_closed_at IS NULL, [], [(toDate32(assumeNotNull(first_closed_at), {zone: String}), 'first_closed')])
  )) AS happened
)
GROUP BY day, service, department, district, channel, team
