-- How long the quickest tenth and the middle of the visits that ended in a week stayed at a stage: logarithms of worked minutes.
SELECT service, stage, groupArray(week) AS week, groupArray(n) AS visits, groupArray(marks[1]) AS quickest, groupArray(marks[2]) AS middle
FROM
(
  SELECT
    service, activity AS stage, intDiv(toInt32(toDate32(left_at, {zone: String})) + 3, 7) AS week, count() AS n,
    quantilesExactInclusive(0.1, 0.5)(log(1 + (wait_worked_us + touch_worked_us) / 60e6)) AS marks
  FROM stage_visits
  WHERE position > 1 AND wait_worked_us IS NOT NULL
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
ORDER BY service, stage
