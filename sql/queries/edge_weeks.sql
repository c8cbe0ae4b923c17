-- How many cases left every activity in each week (stage empty), how many of them took a way back to where they had been before, and how
-- many the way that most take.
WITH moved AS
(
  SELECT
    service, from_activity, activity,
    intDiv(toInt32(toDate32(entered_at, {zone: String})) + 3, 7) AS week,
    count() AS cases,
    countIf(repetition > 1) AS returned
  FROM stage_visits
  WHERE position > 1
    AND entered_at >= toDateTime64(concat(toString({since: Date32}), ' 00:00:00'), 6, {zone: String})
    AND left_at >= toDateTime64(concat(toString({since: Date32}), ' 00:00:00'), 6, {zone: String}) AND left_at < toDateTime64(concat(toString({until: Date32}), ' 00:00:00'), 6, {zone: String})
    AND (empty({service: Array(String)}) OR service IN {service: Array(String)})
    AND (empty({department: Array(String)}) OR department IN {department: Array(String)})
    AND (empty({district: Array(String)}) OR district IN {district: Array(String)})
    AND (empty({channel: Array(String)}) OR channel IN {channel: Array(String)})
    AND (empty({team: Array(String)}) OR team IN {team: Array(String)})
  GROUP BY service, from_activity, activity, week
)
SELECT service, from_stage, stage, is_back, weeks.1 AS week, weeks.2 AS cases
FROM
(
  SELECT service, from_stage, stage, any(back) AS is_back, arraySort(groupArray((week, n))) AS weeks
  FROM
  (
    SELECT service, from_activity AS from_stage, activity AS stage, ways.back AS back, week, cases AS n
    FROM moved
    INNER JOIN
    (
      SELECT service, from_activity, activity, sum(returned) > 0.5 * sum(cases) AS back, sum(cases) > 0.5 * sum(sum(cases)) OVER (PARTITION BY service, from_activity) AS usual
      FROM moved
      GROUP BY service, from_activity, activity
    ) AS ways USING (service, from_activity, activity)
    WHERE back OR usual
    UNION ALL
    -- also those for whom it was the last
    SELECT service, activity AS from_stage, '' AS stage, toUInt8(0) AS back, intDiv(toInt32(toDate32(left_at, {zone: String})) + 3, 7) AS week, count() AS n
    FROM stage_visits
    WHERE left_at >= toDateTime64(concat(toString({since: Date32}), ' 00:00:00'), 6, {zone: String}) AND left_at < toDateTime64(concat(toString({until: Date32}), ' 00:00:00'), 6, {zone: String})
    AND (empty({service: Array(String)}) OR service IN {service: Array(String)})
    AND (empty({department: Array(String)}) OR department IN {department: Array(String)})
    AND (empty({district: Array(String)}) OR district IN {district: Array(String)})
    AND (empty({channel: Array(String)}) OR channel IN {channel: Array(String)})
    AND (empty({team: Array(String)}) OR team IN {team: Array(String)})
    GROUP BY service, from_stage, week
  )
  GROUP BY service, from_stage, stage
)
ORDER BY service, from_stage, stage
