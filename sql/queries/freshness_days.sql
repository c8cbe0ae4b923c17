-- The rows held of each source in a stream, and by the day they happened (days since 1970).
SELECT
  toString(source) AS source, toString(stream) AS stream,
  arraySort(arrayMap(id -> toString(id), groupUniqArrayArray(ids))) AS services,
  sum(day_rows) AS rows,
  toString(min(first)) AS first_time,
  toString(max(last)) AS last_time,
  arraySort(groupArray((toInt32(day), day_rows))).1 AS days,
  arraySort(groupArray((toInt32(day), day_rows))).2 AS day_rows_of
FROM
(
  SELECT source, stream, day, sum(a.rows) AS day_rows, groupUniqArrayIf(service, a.rows > 0) AS ids, minIf(first_time, a.rows > 0) AS first, maxIf(last_time, a.rows > 0) AS last
  FROM arrivals AS a
  GROUP BY source, stream, day
  HAVING day_rows > 0
)
GROUP BY source, stream
ORDER BY source, stream
