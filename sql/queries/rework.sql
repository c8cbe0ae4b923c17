-- Rework: second and later visits to an activity in the period, by activity; the row without an activity is all of them.
SELECT
  grouping(activity) = 1 AS is_all,
  toString(activity) AS activity,
  count() AS extra_visits,
  uniqExact(cityHash64(source, case_id)) AS cases,
  countIf(from_activity = activity) AS self_loops,
  if(extra_visits = 0, NULL, quantileExactInclusive(0.5)(us) / 1e6) AS median_s,
  if(extra_visits = 0, NULL, quantileExactInclusive(0.9)(us) / 1e6) AS p90_s,
  -- microseconds of many people are more than 64 bits hold
  sum(toInt128(us)) / 1e6 AS extra_s
FROM (SELECT *, toUnixTimestamp64Micro(left_at) - toUnixTimestamp64Micro(entered_at) AS us FROM stage_visits)
WHERE repetition > 1 AND left_at >= toDateTime64(concat(toString({from: Date32}), ' 00:00:00'), 6, {zone: String}) AND left_at < toDateTime64(concat(toString({until: Date32}), ' 00:00:00'), 6, {zone: String})
  AND (empty({service: Array(String)}) OR service IN {service: Array(String)})
  AND (empty({department: Array(String)}) OR department IN {department: Array(String)})
  AND (empty({district: Array(String)}) OR district IN {district: Array(String)})
  AND (empty({channel: Array(String)}) OR channel IN {channel: Array(String)})
  AND (empty({team: Array(String)}) OR team IN {team: Array(String)})
GROUP BY GROUPING SETS ((activity), ())
ORDER BY is_all DESC, extra_s DESC, activity
