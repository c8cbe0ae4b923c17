-- One stage by the values of a dimension, now and in the earlier period.
SELECT
  segment, n, starts_told, sum_hours, mean_hours, stay_hours, before_n, before_mean_hours,
  arrayReduce('quantilesExactInclusive(0.5, 0.9)', sorted) AS quantiles,
  quantiles[1] / 3.6e9 AS median_hours,
  quantiles[2] / 3.6e9 AS p90_hours,
  toInt64(floor(n * 0.5 - 1.96 * sqrt(n * 0.25))) AS below,
  toInt64(ceil(n * 0.5 + 1.96 * sqrt(n * 0.25))) + 1 AS above,
  if(below < 1 OR above > n, NULL, sorted[below] / 3.6e9) AS median_low,
  if(below < 1 OR above > n, NULL, sorted[above] / 3.6e9) AS median_high
FROM
(
  SELECT
    multiIf({dimension: String} = 'district', district, {dimension: String} = 'channel', channel, {dimension: String} = 'team', team, {dimension: String} = 'subtype', subtype, '') AS segment,
    countIf(now) AS n,
    countIf(now AND told) AS starts_told,
    arraySort(groupArrayIf(wait_us, now)) AS sorted,
    sumIf(wait_us, now) / 3.6e9 AS sum_hours,
    avgIf(wait_us, now) / 3.6e9 AS mean_hours,
    avgIf(stay_us, now) / 3.6e9 AS stay_hours,
    countIf(NOT now) AS before_n,
    if(before_n = 0, NULL, sumIf(wait_us, NOT now) / before_n / 3.6e9) AS before_mean_hours
  FROM
  (
    SELECT
      district, channel, team, subtype,
      started_at IS NOT NULL AS told,
      toUnixTimestamp64Micro(left_at) - toUnixTimestamp64Micro(entered_at) AS stay_us,
      toUnixTimestamp64Micro(ifNull(started_at, left_at)) - toUnixTimestamp64Micro(entered_at) AS wait_us,
      left_at >= toDateTime64(concat(toString({from: Date32}), ' 00:00:00'), 6, {zone: String}) AND left_at < toDateTime64(concat(toString({until: Date32}), ' 00:00:00'), 6, {zone: String}) AS now
    FROM stage_visits
    WHERE position > 1 AND service = {one_service: String} AND activity = {stage: String}
      AND ((left_at >= toDateTime64(concat(toString({from: Date32}), ' 00:00:00'), 6, {zone: String}) AND left_at < toDateTime64(concat(toString({until: Date32}), ' 00:00:00'), 6, {zone: String})) OR (left_at >= toDateTime64(concat(toString({before_from: Date32}), ' 00:00:00'), 6, {zone: String}) AND left_at < toDateTime64(concat(toString({before_until: Date32}), ' 00:00:00'), 6, {zone: String})))
      AND (empty({service: Array(String)}) OR service IN {service: Array(String)})
      AND (empty({department: Array(String)}) OR department IN {department: Array(String)})
      AND (empty({district: Array(String)}) OR district IN {district: Array(String)})
      AND (empty({channel: Array(String)}) OR channel IN {channel: Array(String)})
      AND (empty({team: Array(String)}) OR team IN {team: Array(String)})
  )
  GROUP BY segment
  HAVING n > 0
)
ORDER BY segment
