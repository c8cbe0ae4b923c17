-- The current version of the waits in `touched`, with the department that answers for them.
INSERT INTO current_waits_next
SELECT source, wait_id, service, if(w.department = '', s.own_department, w.department), district, channel, team, asked_at, wait_ms, kind, status
FROM wait_times AS w FINAL
LEFT JOIN (SELECT id, department AS own_department FROM services FINAL) AS s ON s.id = w.service
WHERE (source, wait_id) IN (SELECT source, wait_id FROM touched)
