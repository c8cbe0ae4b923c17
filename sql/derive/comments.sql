-- The comments of the outcomes in `derive_facts`, with the department that answers for them.
INSERT INTO comments_next
SELECT source, outcome_id, service, if(o.department = '', s.own_department, o.department), district, channel, team, at, rating, language, comment, []
FROM derive_facts AS o
LEFT JOIN (SELECT id, department AS own_department FROM services FINAL) AS s ON s.id = o.service
WHERE comment != ''
