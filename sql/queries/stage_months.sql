-- One stage by month up to the end of the period: how many left it and how long they had waited.
SELECT
  toString(toStartOfMonth(toDate32(left_at, {zone: String}))) AS month,
  count() AS n,
  countIf(started_at IS NOT NULL) AS starts_told,
  quantilesExactInclusive(0.5, 0.9)((toUnixTimestamp64Micro(ifNull(started_at, left_at)) - toUnixTimestamp64Micro(entered_at)) / 3.6e9) AS quantiles,
  quantiles[1] AS median_hours,
  quantiles[2] AS p90_hours
FROM stage_visits
WHERE position > 1 AND service = {one_service: String} AND activity = {stage: String}
  AND left_at < toDateTime64(concat(toString({until: Date32}), ' 00:00:00'), 6, {zone: String})
  AND (empty({service: Array(String)}) OR service IN {service: Array(String)})
  AND (empty({department: Array(String)}) OR department IN {department: Array(String)})
  AND (empty({district: Array(String)}) OR district IN {district: Array(String)})
  AND (empty({channel: Array(String)}) OR channel IN {channel: Array(String)})
  AND (empty({team: Array(String)}) OR team IN {team: Array(String)})
GROUP BY month
ORDER BY month
