-- How late rows arrive, by source and stream: rows of the last 90 days by their age in days at arrival and by the age of their
-- day now, days after the first delivery only, without loads of more than 30 days of history.
WITH
  loaded AS
  (
    SELECT source, stream, load_no, toDate32(max(arrived_at), {zone: String}) AS arrived_on, uniqExact(day) > 30 AS history
    FROM arrivals GROUP BY source, stream, load_no
  ),
  spans AS (SELECT source, stream, min(arrived_on) AS first_on, max(arrived_on) AS last_on FROM loaded GROUP BY source, stream)
SELECT
  toString(a.source) AS source, toString(a.stream) AS stream,
  sumMap([toUInt16(greatest(0, dateDiff('day', day, arrived_on)))], [a.rows]) AS by_age,
  sumMap([toUInt16(greatest(0, dateDiff('day', day, last_on)))], [a.rows]) AS by_day_age,
  quantilesExactWeighted(0.5, 0.9)(waited_h, toUInt64(greatest(0, a.rows))) AS hours
FROM arrivals AS a
INNER JOIN loaded AS l ON l.source = a.source AND l.stream = a.stream AND l.load_no = a.load_no
INNER JOIN spans AS s ON s.source = a.source AND s.stream = a.stream
WHERE NOT history AND day > first_on AND dateDiff('day', day, last_on) < 90
GROUP BY source, stream
ORDER BY source, stream
