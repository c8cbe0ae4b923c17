-- Hours spent before each stage in the period and in the earlier one, for every service: totals, spread and averages.
SELECT
  service, stage, n,
  arraySum(sorted) / 3.6e9 AS wait_hours,
  arrayAvg(sorted) / 3.6e9 AS mean_hours,
  (sorted[toUInt64(floor((length(sorted) - 1) * 0.5)) + 1] + ((length(sorted) - 1) * 0.5 - floor((length(sorted) - 1) * 0.5)) * (sorted[least(length(sorted), toUInt64(floor((length(sorted) - 1) * 0.5)) + 2)] - sorted[toUInt64(floor((length(sorted) - 1) * 0.5)) + 1])) / 1e6 / 3600 AS median_hours,
  (sorted[toUInt64(floor((length(sorted) - 1) * 0.9)) + 1] + ((length(sorted) - 1) * 0.9 - floor((length(sorted) - 1) * 0.9)) * (sorted[least(length(sorted), toUInt64(floor((length(sorted) - 1) * 0.9)) + 2)] - sorted[toUInt64(floor((length(sorted) - 1) * 0.9)) + 1])) / 1e6 / 3600 AS p90_hours,
  arrayReduce('stddevSampStable', sorted) / 3.6e9 AS sd_hours,
  before_n,
  if(before_n = 0, NULL, before_us / before_n / 3.6e9) AS before_mean_hours,
  before_sd_us / 3.6e9 AS before_sd_hours
FROM
(
  SELECT
    service,
    activity AS stage,
    countIf(now) AS n,
    arraySort(groupArrayIf(wait_us, now)) AS sorted,
    countIf(NOT now) AS before_n,
    sumIf(wait_us, NOT now) AS before_us,
    stddevSampStableIf(wait_us, NOT now) AS before_sd_us
  FROM
  (
    SELECT
      service, activity,
      toUnixTimestamp64Micro(ifNull(started_at, left_at)) - toUnixTimestamp64Micro(entered_at) AS wait_us,
      left_at >= toDateTime64(concat(toString({from: Date32}), ' 00:00:00'), 6, {zone: String}) AND left_at < toDateTime64(concat(toString({until: Date32}), ' 00:00:00'), 6, {zone: String}) AS now
    FROM stage_visits
    WHERE position > 1
      AND ((left_at >= toDateTime64(concat(toString({from: Date32}), ' 00:00:00'), 6, {zone: String}) AND left_at < toDateTime64(concat(toString({until: Date32}), ' 00:00:00'), 6, {zone: String})) OR (left_at >= toDateTime64(concat(toString({before_from: Date32}), ' 00:00:00'), 6, {zone: String}) AND left_at < toDateTime64(concat(toString({before_until: Date32}), ' 00:00:00'), 6, {zone: String})))
      AND (empty({service: Array(String)}) OR service IN {service: Array(String)})
      AND (empty({department: Array(String)}) OR department IN {department: Array(String)})
      AND (empty({district: Array(String)}) OR district IN {district: Array(String)})
      AND (empty({channel: Array(String)}) OR channel IN {channel: Array(String)})
      AND (empty({team: Array(String)}) OR team IN {team: Array(String)})
  )
  GROUP BY service, stage
  HAVING n > 0
)
ORDER BY wait_hours DESC, service, stage
