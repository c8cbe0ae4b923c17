-- What each source brought last, by stream.
SELECT
  source, stream,
  max(loads.last_time) AS last_time,
  max(assumeNotNull(finished_at)) AS loaded_at,
  sum(accepted) AS rows
FROM loads FINAL
WHERE state = 'done'
GROUP BY source, stream
ORDER BY source, stream
