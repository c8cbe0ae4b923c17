-- The current version of the waits in `derive_facts`, with the department that answers for them and the wait promised that day.
INSERT INTO current_waits_next
WITH
  placed AS
  (
    SELECT w.*, if(w.department = '', own_department, w.department) AS placed_department, toDate32(asked_at, {zone: String}) AS asked_on
    FROM derive_facts AS w
    LEFT JOIN (SELECT id, department AS own_department FROM services FINAL) AS s ON s.id = w.service
  )
SELECT
  source, wait_id, service, placed_department, district, channel, team, asked_at, wait_ms, kind, status,
  -- a promise in days is one of an outcome, not of a queue
  if(promise.value > 0 AND asked_on < promise.valid_until AND promise.unit IN ('minutes', 'hours'),
    toNullable(toInt64(promise.value * if(promise.unit = 'hours', 3600000, 60000))), NULL)
FROM placed
ASOF LEFT JOIN (SELECT service AS for_service, valid_from, valid_until, value, toString(unit) AS unit FROM service_standards FINAL WHERE subtype = '') AS promise
  ON promise.for_service = placed.service AND placed.asked_on >= promise.valid_from
