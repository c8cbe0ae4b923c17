-- How many reports are made and could not be handed over so far: it is tried again.
SELECT count() AS undelivered
FROM report_run_log
WHERE number IN (SELECT max(number) FROM report_run_log GROUP BY key) AND state = 'delivering' AND reason != ''
