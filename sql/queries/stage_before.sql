-- Where the cases came from that reached one stage in the period.
SELECT
  from_activity AS from_stage,
  count() AS n,
  countIf(told) AS starts_told,
  avg(wait_hours) AS mean_hours,
  quantilesExactInclusive(0.5, 0.9)(wait_hours) AS quantiles,
  quantiles[1] AS median_hours,
  quantiles[2] AS p90_hours
FROM
(
  SELECT from_activity, started_at IS NOT NULL AS told, (toUnixTimestamp64Micro(ifNull(started_at, left_at)) - toUnixTimestamp64Micro(entered_at)) / 3.6e9 AS wait_hours
  FROM stage_visits
  WHERE position > 1 AND service = {one_service: String} AND activity = {stage: String}
    AND left_at >= toDateTime64(concat(toString({from: Date32}), ' 00:00:00'), 6, {zone: String}) AND left_at < toDateTime64(concat(toString({until: Date32}), ' 00:00:00'), 6, {zone: String})
    AND (empty({service: Array(String)}) OR service IN {service: Array(String)})
    AND (empty({department: Array(String)}) OR department IN {department: Array(String)})
    AND (empty({district: Array(String)}) OR district IN {district: Array(String)})
    AND (empty({channel: Array(String)}) OR channel IN {channel: Array(String)})
    AND (empty({team: Array(String)}) OR team IN {team: Array(String)})
)
GROUP BY from_stage
ORDER BY n DESC, from_stage
