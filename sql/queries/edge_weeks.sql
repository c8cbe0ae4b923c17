-- How many cases left every activity in each week (stage empty), how many of them took a way back to where they had been before, and how
-- many the way that most take.
WITH
  ways AS
  (
    SELECT
      service, from_activity AS from_stage, stage,
      sum(again) > 0.5 * sum(n) AS is_back,
      sum(n) > 0.5 * sum(sum(n)) OVER (PARTITION BY service, from_stage) AS is_usual,
      groupArray((week, n)) AS weeks
    FROM
    (
      SELECT service, from_activity, stage, came_week AS week, sum(visits) AS n, sum(returned) AS again
      FROM weekly_moves
      WHERE dimension = '' AND from_activity != '' AND came_week >= intDiv(toInt32({since: Date32}) + 3, 7) AND (empty({service: Array(String)}) OR service IN {service: Array(String)}) AND left_week >= intDiv(toInt32({since: Date32}) + 3, 7) AND left_week < intDiv(toInt32({until: Date32}) + 3, 7)
      GROUP BY service, from_activity, stage, week
    )
    GROUP BY service, from_stage, stage
  ),
  -- also those for whom it was the last
  ended AS
  (
    SELECT service, stage AS from_stage, groupArray((week, n)) AS weeks
    FROM
    (
      SELECT service, stage, left_week AS week, sum(visits) AS n
      FROM weekly_moves
      WHERE dimension = '' AND (empty({service: Array(String)}) OR service IN {service: Array(String)}) AND left_week >= intDiv(toInt32({since: Date32}) + 3, 7) AND left_week < intDiv(toInt32({until: Date32}) + 3, 7)
      GROUP BY service, stage, week
    )
    GROUP BY service, from_stage
  )
SELECT service, from_stage, stage, is_back, arraySort(weeks).1 AS week, arraySort(weeks).2 AS cases
FROM
(
  SELECT service, from_stage, stage, is_back, weeks FROM ways WHERE is_back OR is_usual
  UNION ALL
  SELECT service, from_stage, '', 0, weeks FROM ended
)
ORDER BY service, from_stage, stage
