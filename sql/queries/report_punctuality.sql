-- How many reports of schedules came within an hour of their time, of those whose hour is over, for times since {since}.
SELECT
  count() AS due,
  countIf(state = 'done' AND at <= occurrence + INTERVAL 1 HOUR) AS on_time,
  countIf(state IN ('queued', 'rendering', 'delivering')) AS waiting,
  countIf(state = 'failed') AS failed
FROM report_run_log
WHERE number IN (
    SELECT max(number) FROM report_run_log
    WHERE occurrence >= parseDateTime64BestEffort({since: String}, 3, 'UTC') AND occurrence <= parseDateTime64BestEffort({until: String}, 3, 'UTC')
    GROUP BY key
  )
  AND schedule != '' AND by_hand = 0 AND state != 'skipped'
