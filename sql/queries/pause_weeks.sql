-- Visits by the week in which the case came to the stage, how many of them were paused, for how long, and the sum of the logarithms of the paused minutes.
SELECT service, stage, groupArray(week) AS week, groupArray(n) AS visits, groupArray(with_pause) AS paused, groupArray(hours) AS hours, groupArray(length) AS pause
FROM
(
  SELECT
    service, activity AS stage, intDiv(toInt32(toDate32(entered_at, {zone: String})) + 3, 7) AS week, count() AS n,
    countIf(paused_us > 0) AS with_pause,
    sum(paused_us) / 3.6e9 AS hours,
    sumIf(log(1 + paused_us / 60e6), paused_us > 0) AS length
  FROM stage_visits
  WHERE entered_at >= toDateTime64(concat(toString({since: Date32}), ' 00:00:00'), 6, {zone: String})
    AND left_at >= toDateTime64(concat(toString({since: Date32}), ' 00:00:00'), 6, {zone: String}) AND left_at < toDateTime64(concat(toString({until: Date32}), ' 00:00:00'), 6, {zone: String})
    AND (empty({service: Array(String)}) OR service IN {service: Array(String)})
    AND (empty({department: Array(String)}) OR department IN {department: Array(String)})
    AND (empty({district: Array(String)}) OR district IN {district: Array(String)})
    AND (empty({channel: Array(String)}) OR channel IN {channel: Array(String)})
    AND (empty({team: Array(String)}) OR team IN {team: Array(String)})
  GROUP BY service, stage, week
  ORDER BY service, stage, week
)
GROUP BY service, stage
HAVING arraySum(paused) > 0
ORDER BY service, stage
