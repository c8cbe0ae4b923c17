-- How long the quickest tenth and the middle of the visits that ended in a week stayed at a stage: logarithms of worked minutes.
SELECT service, stage, groupArray(week) AS week, groupArray(n) AS visits, groupArray(marks[1]) AS quickest, groupArray(marks[2]) AS middle
FROM
(
  SELECT
    service, stage, week, sum(length(stay_us)) AS n,
    quantilesExactInclusiveArray(0.1, 0.5)(arrayMap(worked_us -> log(1 + worked_us / 60e6), stay_us)) AS marks
  FROM weekly_ends
  WHERE notEmpty(stay_us) AND (empty({service: Array(String)}) OR service IN {service: Array(String)}) AND week >= intDiv(toInt32({since: Date32}) + 3, 7) AND week < intDiv(toInt32({until: Date32}) + 3, 7)
  GROUP BY service, stage, week
  ORDER BY service, stage, week
)
GROUP BY service, stage
ORDER BY service, stage
