-- How work at a stage is bunched: of all pairs of visits that ended in one week, how many ended on the same day; and on how many
-- days any did.
SELECT service, stage, groupArray(week) AS week, groupArray(visits) AS visits, groupArray(same_day) AS pairs, groupArray(used) AS days
FROM
(
  SELECT service, stage, intDiv(toInt32(day) + 3, 7) AS week, sum(n) AS visits, sum(n * (n - 1)) AS same_day, count() AS used
  FROM
  (
    SELECT service, activity AS stage, toDate32(left_at, {zone: String}) AS day, count() AS n
    FROM stage_visits
    WHERE left_at >= toDateTime64(concat(toString({since: Date32}), ' 00:00:00'), 6, {zone: String}) AND left_at < toDateTime64(concat(toString({until: Date32}), ' 00:00:00'), 6, {zone: String})
    AND (empty({service: Array(String)}) OR service IN {service: Array(String)})
    AND (empty({department: Array(String)}) OR department IN {department: Array(String)})
    AND (empty({district: Array(String)}) OR district IN {district: Array(String)})
    AND (empty({channel: Array(String)}) OR channel IN {channel: Array(String)})
    AND (empty({team: Array(String)}) OR team IN {team: Array(String)})
    GROUP BY service, stage, day
  )
  GROUP BY service, stage, week
  ORDER BY service, stage, week
)
GROUP BY service, stage
ORDER BY service, stage
