-- What the store holds: first and last day of anything, and the last day something came in.
SELECT
  (SELECT count() FROM daily_cases) + (SELECT count() FROM daily_wait_times) + (SELECT count() FROM daily_outcomes) AS days,
  toString(min(first)) AS first_day,
  toString(max(last)) AS last_day,
  toString(max(came)) AS last_in
FROM
(
  SELECT min(day) AS first, max(day) AS last, maxIf(day, received > 0) AS came FROM daily_cases HAVING count() > 0
  UNION ALL
  SELECT min(day), max(day), max(day) FROM daily_wait_times HAVING count() > 0
  UNION ALL
  SELECT min(day), max(day), max(day) FROM daily_outcomes HAVING count() > 0
)
