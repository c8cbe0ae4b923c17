-- The keys of runs between two occurrences, both inclusive.
SELECT DISTINCT key
FROM report_run_log
WHERE occurrence >= {from: DateTime64(3, 'UTC')} AND occurrence <= {until: DateTime64(3, 'UTC')}
