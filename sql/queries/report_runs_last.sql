-- The last occurrence of each schedule that got runs until {until}, without those begun by hand.
SELECT schedule, max(report_run_log.occurrence) AS last
FROM report_run_log
WHERE by_hand = 0 AND schedule != '' AND occurrence <= parseDateTime64BestEffort({until: String}, 3, 'UTC')
GROUP BY schedule
