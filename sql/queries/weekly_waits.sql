-- Waits before every stage by week from the first day of the earlier period to the end of the period, as numbers that can be added: for finding when a level changed.
SELECT
  service,
  activity AS stage,
  toString(toMonday(toDate32(left_at, {zone: String}))) AS week,
  count() AS n,
  sum(log(1 + (toUnixTimestamp64Micro(ifNull(started_at, left_at)) - toUnixTimestamp64Micro(entered_at)) / 1e6)) AS log_sum
FROM stage_visits
WHERE position > 1 AND left_at >= toDateTime64(concat(toString({before_from: Date32}), ' 00:00:00'), 6, {zone: String}) AND left_at < toDateTime64(concat(toString({until: Date32}), ' 00:00:00'), 6, {zone: String})
  AND (empty({service: Array(String)}) OR service IN {service: Array(String)})
  AND (empty({department: Array(String)}) OR department IN {department: Array(String)})
  AND (empty({district: Array(String)}) OR district IN {district: Array(String)})
  AND (empty({channel: Array(String)}) OR channel IN {channel: Array(String)})
  AND (empty({team: Array(String)}) OR team IN {team: Array(String)})
GROUP BY service, stage, week
ORDER BY service, stage, week
