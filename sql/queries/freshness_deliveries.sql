-- When each source delivered a stream: loads that brought rows of it, and loads taken from it that brought nothing new. A load of
-- more than 30 days of history is no ordinary delivery; times are quarters of an hour since 1970, of the last 90 days.
WITH
  taken AS
  (
    SELECT toString(source) AS source, toString(stream) AS stream, load_no, max(arrived_at) AS at, max(history) AS history
    FROM arrivals GROUP BY source, stream, load_no
    UNION ALL
    SELECT toString(source), toString(stream), load_no, toDateTime(started_at) AS at, 0
    FROM loads FINAL WHERE state = 'done' AND facts = 0
  ),
  found AS
  (
    SELECT
      source, stream,
      max(at) AS last,
      argMax(load_no, (at, load_no)) AS last_load_no,
      uniqExactIf(load_no, NOT history) AS deliveries,
      arraySort(groupUniqArrayIf(intDiv(toUnixTimestamp(at), 900), NOT history)) AS all_quarters
    FROM taken GROUP BY source, stream
  )
SELECT
  source, stream, toUnixTimestamp(last) AS last_s, l.load_id AS last_load_id, deliveries,
  arrayFilter(quarter -> quarter > intDiv(last_s, 900) - 90 * 96, all_quarters) AS quarters
FROM found
LEFT JOIN (SELECT load_no, load_id FROM loads FINAL) AS l ON l.load_no = found.last_load_no
ORDER BY source, stream
