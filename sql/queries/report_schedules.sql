-- How every schedule stands: its last version, also of those that were deleted.
SELECT number, id, origin, deleted, since, definition, at, by
FROM report_schedules
ORDER BY number DESC
LIMIT 1 BY id
