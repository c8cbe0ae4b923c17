-- How late rows arrive, by source and stream: rows of the last 90 days by their age in days at arrival and by the age of their
-- day now, days after the first delivery only, without loads of more than 30 days of history.
SELECT
  toString(a.source) AS source, toString(a.stream) AS stream,
  sumMap([toUInt16(greatest(0, dateDiff('day', day, toDate32(arrived_at, {zone: String}))))], [a.rows]) AS by_age,
  sumMap([toUInt16(greatest(0, dateDiff('day', day, last_on)))], [a.rows]) AS by_day_age,
  quantilesExactWeighted(0.5, 0.9)(waited_h, toUInt64(greatest(0, a.rows))) AS hours
FROM arrivals AS a
INNER JOIN
(
  SELECT source, stream, toDate32(min(arrived_at), {zone: String}) AS first_on, toDate32(max(arrived_at), {zone: String}) AS last_on
  FROM arrivals GROUP BY source, stream
) AS s ON s.source = a.source AND s.stream = a.stream
WHERE history = 0 AND day > first_on AND dateDiff('day', day, last_on) < 90
GROUP BY source, stream
ORDER BY source, stream
