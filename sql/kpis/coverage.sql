-- From when to when every service is known in every stream: from its own first day to the last day of its source. A source
-- that was silent at the end no longer than it has been before (a weekend, at most a week) is known to the end of all data.
SELECT
  stream, source, service, toString(first_day) AS first_day,
  toString(if(dateDiff('day', own_last_day, end_of_all) <= least(7, usual_silence), end_of_all, own_last_day)) AS last_day,
  toString(last_moment) AS as_of,
  toUnixTimestamp64Micro(last_moment) AS end_us
FROM
(
  SELECT
    stream, source, service, first_day,
    max(last) OVER (PARTITION BY stream, source) AS last_moment,
    max(last_day) OVER (PARTITION BY stream, source) AS own_last_day,
    max(silence) OVER (PARTITION BY stream, source) AS usual_silence,
    max(last_day) OVER () AS end_of_all
  FROM
  (
    SELECT
      stream, source, service, first_day, last,
      toDate32(last, {zone: String}) AS last_day,
      arrayMax(arrayDifference(arraySort(known_days))) AS silence
    FROM
    (
      SELECT 'case_events' AS stream, source, service, toDate32(min(started_at), {zone: String}) AS first_day, max(last_event_at) AS last, groupUniqArray(toInt32(toDate32(last_event_at, {zone: String}))) AS known_days
      FROM cases GROUP BY source, service
      UNION ALL
      SELECT 'wait_times', source, service, toDate32(min(asked_at), {zone: String}), max(asked_at), groupUniqArray(toInt32(toDate32(asked_at, {zone: String})))
      FROM current_waits GROUP BY source, service
      UNION ALL
      SELECT 'outcomes', source, service, toDate32(min(at), {zone: String}), max(at), groupUniqArray(toInt32(toDate32(at, {zone: String})))
      FROM current_outcomes GROUP BY source, service
    )
  )
)
ORDER BY stream, source, service
