-- Hours spent before each stage in the period and in the earlier one, for every service: totals, spread and averages. Of visits whose start
-- is not told the hours reach to the end of the work.
SELECT
  service,
  activity AS stage,
  countIf(now) AS n,
  countIf(now AND told) AS starts_told,
  sumIf(wait_us, now) / 3.6e9 AS wait_hours,
  avgIf(wait_us, now) / 3.6e9 AS mean_hours,
  quantileExactInclusiveIf(0.5)(wait_us, now) / 3.6e9 AS median_hours,
  quantileExactInclusiveIf(0.9)(wait_us, now) / 3.6e9 AS p90_hours,
  stddevSampStableIf(wait_us, now) / 3.6e9 AS sd_hours,
  countIf(NOT now) AS before_n,
  if(before_n = 0, NULL, sumIf(wait_us, NOT now) / before_n / 3.6e9) AS before_mean_hours,
  stddevSampStableIf(wait_us, NOT now) / 3.6e9 AS before_sd_hours
FROM
(
  SELECT
    service, activity, started_at IS NOT NULL AS told,
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
ORDER BY wait_hours DESC, service, stage
