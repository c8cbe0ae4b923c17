-- What counts.sql gives for cases, read from the cases themselves: for dimensions that the daily roll-up does not carry.
SELECT
  multiIf({grain: String} = 'day', day, {grain: String} = 'week', toMonday(day), {grain: String} = 'month', toStartOfMonth(day), if(day >= {from: Date32} AND day < {until: Date32}, {from: Date32}, {before_from: Date32})) AS bucket,
  multiIf({dimension: String} = 'service', service, {dimension: String} = 'department', department, {dimension: String} = 'district', district, {dimension: String} = 'channel', channel, {dimension: String} = 'team', team, {dimension: String} = 'subtype', subtype, {dimension: String} = 'outcome', outcome, {dimension: String} = 'claimed', claimed, '') AS segment,
  countIf(what = 'received') AS received,
  countIf(what = 'received' AND channel != '') AS received_known,
  countIf(what = 'received' AND due_at IS NOT NULL) AS promised,
  countIf(what = 'received' AND channel IN (SELECT id FROM channels FINAL WHERE digital = 1)) AS received_digital,
  countIf(what = 'closed') AS closed,
  countIf(what = 'closed' AND due_at IS NOT NULL) AS due,
  countIf(what = 'closed' AND closed_at <= extended_due_at) AS on_time,
  countIf(what = 'closed' AND closed_at <= due_at) AS on_time_strict,
  countIf(what = 'first_closed' AND toInt32(day) < transform(service, {mature_services: Array(String)}, {mature_days: Array(Int32)}, 0)) AS first_closed,
  countIf(what = 'first_closed' AND toInt32(day) < transform(service, {mature_services: Array(String)}, {mature_days: Array(Int32)}, 0) AND reopened_at <= first_closed_at + toIntervalDay({reopen_days: UInt16})) AS reopened,
  countIf(what = 'closed' AND class = 'intended') AS intended,
  countIf(what = 'closed' AND class = 'resolved') AS resolved,
  countIf(what = 'closed' AND class = 'not_eligible') AS not_eligible,
  countIf(what = 'closed' AND class = 'refused') AS refused,
  countIf(what = 'closed' AND class = 'withdrawn') AS withdrawn,
  countIf(what = 'closed' AND class = 'duplicate') AS duplicate,
  countIf(what = 'closed' AND class = 'unmapped') AS unmapped,
  countIf(what = 'first_closed' AND toInt32(day) < transform(service, {watched_services: Array(String)}, {watched_days: Array(Int32)}, 0)) AS watched,
  countIf(what = 'first_closed' AND toInt32(day) < transform(service, {watched_services: Array(String)}, {watched_days: Array(Int32)}, 0) AND arrayExists(c -> c.1 > first_closed_at AND c.1 <= first_closed_at + toIntervalDay({repeat_days: UInt16}), contacts)) AS repeated,
  countIf(what = 'chasing') AS chasing,
  countIf(what = 'challenging') AS challenging,
  countIf(what = 'other') AS other_contacts
FROM
(
  SELECT *, happened.1 AS day, happened.2 AS what
  FROM cases
  ARRAY JOIN arrayFilter(h -> (h.1 >= {from: Date32} AND h.1 < {until: Date32}) OR (h.1 >= {before_from: Date32} AND h.1 < {before_until: Date32}), arrayConcat(
    [(toDate32(started_at, {zone: String}), 'received')],
    if(closed_at IS NULL, [], [(toDate32(assumeNotNull(closed_at), {zone: String}), 'closed')]),
    if(first_closed_at IS NULL, [], [(toDate32(assumeNotNull(first_closed_at), {zone: String}), 'first_closed')]),
    arrayMap(c -> (toDate32(c.1, {zone: String}), toString(c.2)), contacts)
  )) AS happened
)
WHERE 1
  AND (empty({service: Array(String)}) OR service IN {service: Array(String)})
  AND (empty({department: Array(String)}) OR department IN {department: Array(String)})
  AND (empty({district: Array(String)}) OR district IN {district: Array(String)})
  AND (empty({channel: Array(String)}) OR channel IN {channel: Array(String)})
  AND (empty({team: Array(String)}) OR team IN {team: Array(String)})
GROUP BY bucket, segment
ORDER BY bucket, segment
