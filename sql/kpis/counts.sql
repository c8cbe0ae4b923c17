-- How much was received, closed, kept on time, abandoned, answered: everything that may be added up, by bucket and segment.
SELECT
  multiIf({grain: String} = 'day', day, {grain: String} = 'week', toMonday(day), {grain: String} = 'month', toStartOfMonth(day), {grain: String} = 'quarter', toStartOfQuarter(day), if(day >= {from: Date32} AND day < {until: Date32}, {from: Date32}, {before_from: Date32})) AS bucket,
  multiIf({dimension: String} = 'service', service, {dimension: String} = 'department', department, {dimension: String} = 'district', district, {dimension: String} = 'channel', channel, {dimension: String} = 'team', team, {dimension: String} = 'service and district', toLowCardinality(concat(service, '\n', district)), {dimension: String} = 'service and channel', toLowCardinality(concat(service, '\n', channel)), '') AS segment,
  sum(received) AS received,
  sum(received_known) AS received_known,
  sum(promised) AS promised,
  sum(received_digital) AS received_digital,
  sum(closed) AS closed,
  sum(due) AS due,
  sum(on_time) AS on_time,
  sum(on_time_strict) AS on_time_strict,
  sumIf(first_closed, toInt32(day) < transform(service, {mature_services: Array(String)}, {mature_days: Array(Int32)}, 0)) AS first_closed,
  sumIf(reopened, toInt32(day) < transform(service, {mature_services: Array(String)}, {mature_days: Array(Int32)}, 0)) AS reopened,
  sum(intended) AS intended,
  sum(resolved) AS resolved,
  sum(not_eligible) AS not_eligible,
  sum(refused) AS refused,
  sum(withdrawn) AS withdrawn,
  sum(duplicate) AS duplicate,
  sum(unmapped) AS unmapped,
  sumIf(told.first_closed, toInt32(day) < transform(service, {watched_services: Array(String)}, {watched_days: Array(Int32)}, 0)) AS watched,
  sumIf(repeated, toInt32(day) < transform(service, {watched_services: Array(String)}, {watched_days: Array(Int32)}, 0)) AS repeated,
  sum(chasing) AS chasing,
  sum(challenging) AS challenging,
  sum(other_contacts) AS other_contacts,
  sum(served) AS served,
  sum(queued) AS queued,
  sum(abandoned) AS abandoned,
  sum(waits_promised) AS waits_promised,
  sum(in_time) AS in_time,
  sum(intended_yes) AS intended_yes,
  sum(intended_no) AS intended_no,
  sum(offered) AS offered,
  sum(answered) AS answered,
  sum(rated) AS rated,
  sum(satisfied) AS satisfied
FROM
(
  SELECT day, service, department, district, channel, team, received, received_known, promised, received_digital, closed, due, on_time, on_time_strict, first_closed, reopened,
    intended, resolved, not_eligible, refused, withdrawn, duplicate, unmapped, repeated, chasing, challenging, other_contacts,
    0 AS served, 0 AS queued, 0 AS abandoned, 0 AS waits_promised, 0 AS in_time,
    -- where a service tells the outcomes of its residents, these count, else those of its cases
    if(service IN (SELECT service FROM daily_outcomes WHERE intended_yes + intended_no > 0), 0, intended + not_eligible) AS intended_yes,
    if(service IN (SELECT service FROM daily_outcomes WHERE intended_yes + intended_no > 0), 0, resolved + refused + withdrawn) AS intended_no,
    0 AS offered, 0 AS answered, 0 AS rated, 0 AS satisfied
  FROM daily_cases
  UNION ALL
  SELECT day, service, department, district, channel, team, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, served, queued, abandoned, promised, in_time, 0, 0, 0, 0, 0, 0
  FROM daily_wait_times
  UNION ALL
  SELECT day, service, department, district, channel, team, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, intended_yes, intended_no, offered, answered, rated, satisfied
  FROM daily_outcomes
) AS told
WHERE ((day >= {from: Date32} AND day < {until: Date32}) OR (day >= {before_from: Date32} AND day < {before_until: Date32}))
  AND (empty({service: Array(String)}) OR service IN {service: Array(String)})
  AND (empty({department: Array(String)}) OR department IN {department: Array(String)})
  AND (empty({district: Array(String)}) OR district IN {district: Array(String)})
  AND (empty({channel: Array(String)}) OR channel IN {channel: Array(String)})
  AND (empty({team: Array(String)}) OR team IN {team: Array(String)})
GROUP BY bucket, segment
ORDER BY bucket, segment
