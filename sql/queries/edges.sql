-- The directly-follows graph: how often one activity follows another in a case and how long it took, exactly.
SELECT
  from_activity, to_activity, frequency, cases,
  arrayAvg(sorted) / 1e6 AS mean_s,
  (sorted[toUInt64(floor((length(sorted) - 1) * 0.5)) + 1] + ((length(sorted) - 1) * 0.5 - floor((length(sorted) - 1) * 0.5)) * (sorted[least(length(sorted), toUInt64(floor((length(sorted) - 1) * 0.5)) + 2)] - sorted[toUInt64(floor((length(sorted) - 1) * 0.5)) + 1])) / 1e6 AS median_s,
  (sorted[toUInt64(floor((length(sorted) - 1) * 0.9)) + 1] + ((length(sorted) - 1) * 0.9 - floor((length(sorted) - 1) * 0.9)) * (sorted[least(length(sorted), toUInt64(floor((length(sorted) - 1) * 0.9)) + 2)] - sorted[toUInt64(floor((length(sorted) - 1) * 0.9)) + 1])) / 1e6 AS p90_s,
  sorted[1] / 1e6 AS min_s,
  sorted[-1] / 1e6 AS max_s,
  arraySum(sorted) / 1e6 AS sum_s
FROM
(
  SELECT
    from_activity,
    activity AS to_activity,
    count() AS frequency,
    uniqExact(source, case_id) AS cases,
    arraySort(groupArray(toUnixTimestamp64Micro(left_at) - toUnixTimestamp64Micro(entered_at))) AS sorted
  FROM stage_visits
  WHERE position > 1 AND left_at >= toDateTime64(concat(toString({from: Date32}), ' 00:00:00'), 6, {zone: String}) AND left_at < toDateTime64(concat(toString({until: Date32}), ' 00:00:00'), 6, {zone: String})
    AND (empty({service: Array(String)}) OR service IN {service: Array(String)})
    AND (empty({department: Array(String)}) OR department IN {department: Array(String)})
    AND (empty({district: Array(String)}) OR district IN {district: Array(String)})
    AND (empty({channel: Array(String)}) OR channel IN {channel: Array(String)})
    AND (empty({team: Array(String)}) OR team IN {team: Array(String)})
  GROUP BY from_activity, to_activity
)
ORDER BY frequency DESC, from_activity, to_activity
