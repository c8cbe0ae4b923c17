-- Visits by the week in which the case came to the stage, how many of them were paused, for how long, and the sum of the logarithms of the paused minutes.
SELECT service, stage, groupArray(week) AS week, groupArray(n) AS visits, groupArray(with_pause) AS paused, groupArray(paused_hours) AS hours, groupArray(length) AS pause
FROM
(
  SELECT
    -- the first activity of a case has nothing before it
    service, stage, if(from_activity = '', left_week, came_week) AS week, sum(visits) AS n,
    sum(paused) AS with_pause,
    sum(paused_us) / 3.6e9 AS paused_hours,
    sum(pause) AS length
  FROM weekly_moves
  WHERE dimension = '' AND week >= intDiv(toInt32({since: Date32}) + 3, 7) AND (empty({service: Array(String)}) OR service IN {service: Array(String)}) AND left_week >= intDiv(toInt32({since: Date32}) + 3, 7) AND left_week < intDiv(toInt32({until: Date32}) + 3, 7)
  GROUP BY service, stage, week
  ORDER BY service, stage, week
)
GROUP BY service, stage
HAVING arraySum(paused) > 0
ORDER BY service, stage
