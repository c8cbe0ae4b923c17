-- The figures each recipient of each schedule was given last, by format.
SELECT schedule, recipient_id, format, argMax(report_run_log.figures_sha256, report_run_log.number) AS figures
FROM report_run_log
WHERE state = 'done' AND figures_sha256 != '' AND schedule != ''
GROUP BY schedule, recipient_id, format
