-- Which reports a checksum belongs to, that of the file or that of the figures, or the beginning of one; and how many were given them.
SELECT
  report, format, period_from, period_until, as_of, data_version, sha256, figures_sha256,
  any(key) AS a_run,
  min(report_run_log.at) AS first_at, max(report_run_log.at) AS last_at,
  uniqExactIf(key, state = 'done') AS delivered, uniqExactIf(recipient_id, state = 'done') AS recipients
FROM report_run_log
WHERE sha256 != '' AND (startsWith(sha256, {checksum: String}) OR startsWith(figures_sha256, {checksum: String}))
GROUP BY report, format, period_from, period_until, as_of, data_version, sha256, figures_sha256
ORDER BY first_at
