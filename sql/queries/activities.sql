-- Every activity: how often it happens, in how many cases, where it begins and ends them, how often it is repeated, the wait before it.
SELECT
  activity, events, cases, start_of_case, end_of_case, rework_cases, rework_events,
  toUInt64(length(sorted)) AS n,
  if(n = 0, NULL, arrayAvg(sorted) / 1e6) AS mean_s,
  if(n = 0, NULL, (sorted[toUInt64(floor((length(sorted) - 1) * 0.5)) + 1] + ((length(sorted) - 1) * 0.5 - floor((length(sorted) - 1) * 0.5)) * (sorted[least(length(sorted), toUInt64(floor((length(sorted) - 1) * 0.5)) + 2)] - sorted[toUInt64(floor((length(sorted) - 1) * 0.5)) + 1])) / 1e6) AS median_s,
  if(n = 0, NULL, (sorted[toUInt64(floor((length(sorted) - 1) * 0.9)) + 1] + ((length(sorted) - 1) * 0.9 - floor((length(sorted) - 1) * 0.9)) * (sorted[least(length(sorted), toUInt64(floor((length(sorted) - 1) * 0.9)) + 2)] - sorted[toUInt64(floor((length(sorted) - 1) * 0.9)) + 1])) / 1e6) AS p90_s,
  if(n = 0, NULL, sorted[1] / 1e6) AS min_s,
  if(n = 0, NULL, sorted[-1] / 1e6) AS max_s,
  arraySum(sorted) / 1e6 AS sum_s
FROM
(
  SELECT
    activity,
    sum(visits) AS events,
    count() AS cases,
    sum(starts) AS start_of_case,
    sum(ends) AS end_of_case,
    countIf(visits > 1) AS rework_cases,
    sum(visits - 1) AS rework_events,
    arraySort(groupArrayArray(waits)) AS sorted
  FROM
  (
    SELECT
      activity,
      count() AS visits,
      countIf(position = 1) AS starts,
      countIf(last = 1) AS ends,
      groupArrayIf(toUnixTimestamp64Micro(left_at) - toUnixTimestamp64Micro(entered_at), position > 1) AS waits
    FROM stage_visits
    WHERE left_at >= toDateTime64(concat(toString({from: Date32}), ' 00:00:00'), 6, {zone: String}) AND left_at < toDateTime64(concat(toString({until: Date32}), ' 00:00:00'), 6, {zone: String})
      AND (empty({service: Array(String)}) OR service IN {service: Array(String)})
      AND (empty({department: Array(String)}) OR department IN {department: Array(String)})
      AND (empty({district: Array(String)}) OR district IN {district: Array(String)})
      AND (empty({channel: Array(String)}) OR channel IN {channel: Array(String)})
      AND (empty({team: Array(String)}) OR team IN {team: Array(String)})
    GROUP BY source, case_id, activity
  )
  GROUP BY activity
)
ORDER BY events DESC, activity
