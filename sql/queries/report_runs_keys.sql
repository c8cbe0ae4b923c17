-- The keys of runs between two occurrences, both inclusive.
SELECT DISTINCT key
FROM report_run_log
WHERE occurrence >= parseDateTime64BestEffort({from: String}, 3, 'UTC') AND occurrence <= parseDateTime64BestEffort({until: String}, 3, 'UTC')
