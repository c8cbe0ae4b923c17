-- The directly-follows graph: how often one activity follows another in a case and how long it took, exactly.
SELECT
  from_activity,
  activity AS to_activity,
  count() AS frequency,
  uniqExact(cityHash64(source, case_id)) AS cases,
  -- microseconds of many people are more than 64 bits hold
  sum(toInt128(us)) / 1e6 AS sum_s,
  sum_s / frequency AS mean_s,
  quantilesExactInclusive(0.5, 0.9)(us)[1] / 1e6 AS median_s,
  quantilesExactInclusive(0.5, 0.9)(us)[2] / 1e6 AS p90_s,
  min(us) / 1e6 AS min_s,
  max(us) / 1e6 AS max_s
FROM (SELECT *, toUnixTimestamp64Micro(left_at) - toUnixTimestamp64Micro(entered_at) AS us FROM stage_visits)
WHERE position > 1 AND left_at >= toDateTime64(concat(toString({from: Date32}), ' 00:00:00'), 6, {zone: String}) AND left_at < toDateTime64(concat(toString({until: Date32}), ' 00:00:00'), 6, {zone: String})
  AND (empty({service: Array(String)}) OR service IN {service: Array(String)})
  AND (empty({department: Array(String)}) OR department IN {department: Array(String)})
  AND (empty({district: Array(String)}) OR district IN {district: Array(String)})
  AND (empty({channel: Array(String)}) OR channel IN {channel: Array(String)})
  AND (empty({team: Array(String)}) OR team IN {team: Array(String)})
GROUP BY from_activity, to_activity
ORDER BY frequency DESC, from_activity, to_activity
