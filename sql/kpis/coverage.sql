-- From when to when every service is known in every stream: from its own first day to the last moment of its source.
SELECT
  stream, source, service,
  toString(toDate32(first, {zone: String})) AS first_day,
  toString(toDate32(last_known, {zone: String})) AS last_day,
  toString(last_known) AS as_of,
  toUnixTimestamp64Micro(last_known) AS end_us
FROM
(
  SELECT *, max(last) OVER (PARTITION BY stream, source) AS last_known
  FROM
  (
    SELECT 'case_events' AS stream, toString(source) AS source, toString(service) AS service, min(started_at) AS first, max(last_event_at) AS last FROM cases GROUP BY source, service
    UNION ALL
    SELECT 'wait_times', toString(source) AS source, toString(service) AS service, min(asked_at), max(asked_at) FROM current_waits GROUP BY source, service
    UNION ALL
    SELECT 'outcomes', toString(source) AS source, toString(service) AS service, min(at), max(at) FROM current_outcomes GROUP BY source, service
  )
)
ORDER BY stream, source, service
