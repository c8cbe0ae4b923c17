-- How work at a stage is bunched: of all pairs of visits that ended in one week, how many ended on the same day; and on how many
-- days any did.
SELECT service, stage, groupArray(week) AS week, groupArray(n) AS visits, groupArray(same_day) AS pairs, groupArray(used) AS days
FROM
(
  SELECT
    service, stage, week,
    arraySum(sumForEach(on_days) AS each_day) AS n,
    arraySum(on_day -> on_day * (on_day - 1), each_day) AS same_day,
    arrayCount(on_day -> on_day > 0, each_day) AS used
  FROM weekly_ends
  WHERE (empty({service: Array(String)}) OR service IN {service: Array(String)}) AND week >= intDiv(toInt32({since: Date32}) + 3, 7) AND week < intDiv(toInt32({until: Date32}) + 3, 7)
  GROUP BY service, stage, week
  ORDER BY service, stage, week
)
GROUP BY service, stage
ORDER BY service, stage
