-- One stage by week, of the visits that ended in it: how long they stayed and waited, the work, and the shares that were repeated, paused or done on one day.
SELECT
  toString(toMonday(day)) AS week,
  count() AS n,
  countIf(told) AS starts_told,
  avg(stay_us) / 3.6e9 AS mean_hours,
  quantilesExactInclusive(0.5, 0.9)(wait_us / 3.6e9) AS quantiles,
  quantiles[1] AS median_hours,
  quantiles[2] AS p90_hours,
  if(countIf(touch_us IS NOT NULL) = 0, NULL, avg(touch_us) / 3.6e9) AS touch_hours,
  countIf(repetition > 1) / n AS again_share,
  countIf(paused_us > 0) / n AS paused_share,
  -- of all pairs of visits of the week, those that ended on the same day
  if(n < 2, NULL, sum(on_day - 1) / (n * (n - 1))) AS same_day_share
FROM
(
  SELECT
    toDate32(left_at, {zone: String}) AS day,
    toUnixTimestamp64Micro(left_at) - toUnixTimestamp64Micro(entered_at) AS stay_us,
    toUnixTimestamp64Micro(ifNull(started_at, left_at)) - toUnixTimestamp64Micro(entered_at) AS wait_us,
    if(started_at IS NULL, NULL, touch_worked_us) AS touch_us,
    started_at IS NOT NULL AS told,
    repetition,
    paused_us,
    count() OVER (PARTITION BY day) AS on_day
  FROM stage_visits
  WHERE position > 1 AND service = {one_service: String} AND activity = {stage: String}
    AND left_at >= toDateTime64(concat(toString({since: Date32}), ' 00:00:00'), 6, {zone: String}) AND left_at < toDateTime64(concat(toString({until: Date32}), ' 00:00:00'), 6, {zone: String})
    AND (empty({service: Array(String)}) OR service IN {service: Array(String)})
    AND (empty({department: Array(String)}) OR department IN {department: Array(String)})
    AND (empty({district: Array(String)}) OR district IN {district: Array(String)})
    AND (empty({channel: Array(String)}) OR channel IN {channel: Array(String)})
    AND (empty({team: Array(String)}) OR team IN {team: Array(String)})
)
GROUP BY week
ORDER BY week
