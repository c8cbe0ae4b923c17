-- All that happened to one run, in order.
SELECT
  number, key, schedule, report, by_hand, occurrence, period_from, period_until, recipient, recipient_id, format, state, at, worker,
  lease_until, attempt, not_before, reason, made, sha256, figures_sha256, proof, as_of, data_version, request
FROM report_run_log
WHERE key = {key: String}
ORDER BY number
