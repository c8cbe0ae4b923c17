-- Of which days are other rows held than arrived? One row a source and stream. What arrived was counted before rows were published, so a lost part shows here.
WITH
  held AS (
    SELECT 'case_events' AS stream, toString(source) AS source, toDate32(time, {zone: String}) AS day, count() AS rows FROM case_events FINAL GROUP BY source, day
    UNION ALL
    SELECT 'wait_times', toString(source), toDate32(asked_at, {zone: String}) AS day, count() FROM wait_times FINAL GROUP BY source, day
    UNION ALL
    SELECT 'outcomes', toString(source), toDate32(at, {zone: String}) AS day, count() FROM outcomes FINAL GROUP BY source, day
  ),
  differing AS (
    SELECT stream, source, day, sum(rows) AS held, sum(came) AS arrived
    FROM (
      SELECT stream, source, day, toInt64(rows) AS rows, toInt64(0) AS came FROM held
      UNION ALL
      SELECT toString(stream), toString(source), day, 0, rows FROM arrivals
    )
    GROUP BY stream, source, day
    HAVING held != arrived
  )
SELECT
  concat('table ', stream) AS subject,
  concat(
    'of source ', source, ' ', toString(sum(held)), ' rows are held where ', toString(sum(arrived)), ' arrived, from ', toString(min(day)), ' to ', toString(max(day)),
    ' (', toString(count()), if(count() = 1, ' day)', ' days)')
  ) AS problem,
  'Restore the last backup; what was loaded after it can be loaded again.' AS remedy
FROM differing
GROUP BY stream, source
ORDER BY subject, problem
