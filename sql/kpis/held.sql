-- What the store holds: first and last day of anything, last day something came in, and the last moment known.
SELECT
  (SELECT count() FROM daily_cases) + (SELECT count() FROM daily_wait_times) + (SELECT count() FROM daily_outcomes) AS days,
  toString(min(first)) AS first_day,
  toString(max(last)) AS last_day,
  toString(max(came)) AS last_in,
  toString((SELECT max(moment) FROM (SELECT max(last_event_at) AS moment FROM cases UNION ALL SELECT max(asked_at) FROM current_waits UNION ALL SELECT max(at) FROM current_outcomes))) AS as_of
FROM
(
  SELECT min(day) AS first, max(day) AS last, maxIf(day, received > 0) AS came FROM daily_cases HAVING count() > 0
  UNION ALL
  SELECT min(day), max(day), max(day) FROM daily_wait_times HAVING count() > 0
  UNION ALL
  SELECT min(day), max(day), max(day) FROM daily_outcomes HAVING count() > 0
)
