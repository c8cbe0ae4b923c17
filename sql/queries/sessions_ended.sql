-- What ended sessions since a moment, and which of them it ended: those that began no later than `until`.
SELECT kind, id, max(sessions_ended.until) AS until
FROM sessions_ended
WHERE at >= parseDateTime64BestEffort({first_at: String}, 3, 'UTC')
GROUP BY kind, id
ORDER BY kind, id
