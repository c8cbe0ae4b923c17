-- Runs as they stand, those that changed last first; of one schedule or state when given. {before} is a number: only runs with a smaller one; 0 begins with the newest.
SELECT
  number, key, schedule, report, by_hand, occurrence, period_from, period_until, recipient, recipient_id, format, state, at, worker,
  lease_until, attempt, not_before, reason, made, sha256, figures_sha256, proof, as_of, data_version, request
FROM report_run_log
WHERE number IN (SELECT max(number) FROM report_run_log GROUP BY key)
  AND ({schedule: String} = '' OR schedule = {schedule: String})
  AND ({state: String} = '' OR state = {state: String})
  AND ({before: UInt64} = 0 OR number < {before: UInt64})
ORDER BY number DESC
LIMIT {limit: UInt32}
