-- The reports that were sent since {since}, each file once.
SELECT sha256, any(report_run_log.report) AS report, any(report_run_log.format) AS format, any(report_run_log.period_from) AS period_from, any(report_run_log.period_until) AS period_until
FROM report_run_log
WHERE state = 'done' AND sha256 != '' AND at >= parseDateTime64BestEffort({since: String}, 3, 'UTC')
GROUP BY sha256
ORDER BY sha256
