-- The current version of the outcomes in `touched`, with the department that answers for them.
INSERT INTO current_outcomes_next
SELECT source, outcome_id, service, if(o.department = '', s.own_department, o.department), district, channel, team, at, case_id, outcome, intended, offered, rating, respondent
FROM outcomes AS o FINAL
LEFT JOIN (SELECT id, department AS own_department FROM services FINAL) AS s ON s.id = o.service
WHERE (source, outcome_id) IN (SELECT source, outcome_id FROM touched)
