-- The rows held of each source in a stream: by service, and by the day they happened.
SELECT
  source, stream,
  arraySort(groupUniqArray(toString(service))) AS services,
  sum(day_rows) AS rows,
  toString(min(first)) AS first_time,
  toString(max(last)) AS last_time,
  arrayMap(d -> d.1, arraySort(groupArray((toInt32(day), service)))) AS days,
  arrayMap(d -> d.3, arraySort(groupArray((toInt32(day), service, day_rows)))) AS day_rows_of
FROM
(
  SELECT toString(source) AS source, toString(stream) AS stream, service, day, sum(a.rows) AS day_rows, minIf(first_time, a.rows > 0) AS first, maxIf(last_time, a.rows > 0) AS last
  FROM arrivals AS a
  GROUP BY source, stream, service, day
  HAVING day_rows > 0
)
GROUP BY source, stream
ORDER BY source, stream
