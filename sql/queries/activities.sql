-- Every activity: how often it happens, in how many cases, where it begins and ends them, how often it is repeated, the wait before it.
SELECT
  activity,
  count() AS events,
  uniqExact(cityHash64(source, case_id)) AS cases,
  countIf(position = 1) AS start_of_case,
  countIf(last = 1) AS end_of_case,
  uniqExactIf(cityHash64(source, case_id), repetition > 1) AS rework_cases,
  countIf(repetition > 1) AS rework_events,
  countIf(position > 1) AS n,
  -- microseconds of many people are more than 64 bits hold
  sumIf(toInt128(us), position > 1) / 1e6 AS sum_s,
  if(n = 0, NULL, sum_s / n) AS mean_s,
  if(n = 0, NULL, quantilesExactInclusiveIf(0.5, 0.9)(us, position > 1)[1] / 1e6) AS median_s,
  if(n = 0, NULL, quantilesExactInclusiveIf(0.5, 0.9)(us, position > 1)[2] / 1e6) AS p90_s,
  if(n = 0, NULL, minIf(us, position > 1) / 1e6) AS min_s,
  if(n = 0, NULL, maxIf(us, position > 1) / 1e6) AS max_s
FROM (SELECT *, toUnixTimestamp64Micro(left_at) - toUnixTimestamp64Micro(entered_at) AS us FROM stage_visits)
WHERE left_at >= toDateTime64(concat(toString({from: Date32}), ' 00:00:00'), 6, {zone: String}) AND left_at < toDateTime64(concat(toString({until: Date32}), ' 00:00:00'), 6, {zone: String})
  AND (empty({service: Array(String)}) OR service IN {service: Array(String)})
  AND (empty({department: Array(String)}) OR department IN {department: Array(String)})
  AND (empty({district: Array(String)}) OR district IN {district: Array(String)})
  AND (empty({channel: Array(String)}) OR channel IN {channel: Array(String)})
  AND (empty({team: Array(String)}) OR team IN {team: Array(String)})
GROUP BY activity
ORDER BY events DESC, activity
