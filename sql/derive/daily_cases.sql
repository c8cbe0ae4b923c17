-- By how much the days of the touched cases change: cases begun, ended, ended for the first time, and contacts about them.
SELECT
  day, service, department, district, channel, team,
  sum(sign * came) AS received,
  sum(sign * (came AND channel != '')) AS received_known,
  sum(sign * (came AND has_due)) AS promised,
  sum(sign * (came AND channel IN (SELECT id FROM channels FINAL WHERE digital = 1))) AS received_digital,
  sum(sign * ended) AS closed,
  sum(sign * (ended AND has_due)) AS due,
  sum(sign * (ended AND kept)) AS on_time,
  sum(sign * (ended AND kept_strictly)) AS on_time_strict,
  sum(sign * ended_first) AS first_closed,
  sum(sign * (ended_first AND came_back)) AS reopened,
  sum(sign * (ended AND class = 'intended')) AS intended,
  sum(sign * (ended AND class = 'resolved')) AS resolved,
  sum(sign * (ended AND class = 'not_eligible')) AS not_eligible,
  sum(sign * (ended AND class = 'refused')) AS refused,
  sum(sign * (ended AND class = 'withdrawn')) AS withdrawn,
  sum(sign * (ended AND class = 'duplicate')) AS duplicate,
  sum(sign * (ended AND class = 'unmapped')) AS unmapped,
  sum(sign * (ended_first AND asked_again)) AS repeated,
  sum(sign * (happened.2 = 'chasing')) AS chasing,
  sum(sign * (happened.2 = 'challenging')) AS challenging,
  sum(sign * (happened.2 = 'other')) AS other_contacts
FROM
(
  SELECT
    sign, service, department, district, channel, team, class, happened,
    due_at IS NOT NULL AS has_due,
    ifNull(closed_at <= extended_due_at, 0) AS kept,
    ifNull(closed_at <= due_at, 0) AS kept_strictly,
    ifNull(reopened_at <= first_closed_at + toIntervalDay({reopen_days: UInt16}), 0) AS came_back,
    arrayExists(c -> c.1 > first_closed_at AND c.1 <= first_closed_at + toIntervalDay({repeat_days: UInt16}), contacts) AS asked_again,
    happened.1 AS day,
    happened.2 = 'received' AS came,
    happened.2 = 'closed' AS ended,
    happened.2 = 'first_closed' AS ended_first
  FROM (SELECT 1 AS sign, * FROM cases_next UNION ALL SELECT -1 AS sign, * FROM cases_before)
  ARRAY JOIN arrayConcat(
    [(toDate32(started_at, {zone: String}), 'received')],
    if(closed_at IS NULL, [], [(toDate32(assumeNotNull(closed_at), {zone: String}), 'closed')]),
    if(first_closed_at IS NULL, [], [(toDate32(assumeNotNull(first_closed_at), {zone: String}), 'first_closed')]),
    arrayMap(c -> (toDate32(c.1, {zone: String}), toString(c.2)), contacts)
  ) AS happened
)
GROUP BY day, service, department, district, channel, team
