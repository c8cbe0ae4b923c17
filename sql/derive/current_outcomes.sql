-- The current version of the outcomes in `derive_facts`, with the department that answers for them. Whoever answered was asked.
INSERT INTO current_outcomes_next
SELECT
  source, outcome_id, service, if(o.department = '', s.own_department, o.department), district, channel, team, at, case_id, outcome, intended,
  o.offered OR answered, rating, respondent,
  rating IS NOT NULL OR no_opinion OR recommend IS NOT NULL OR thumbs != '' OR commented
    OR coalesce(effectiveness, ease, speed, transparency, humanity, employee, trust) IS NOT NULL AS answered,
  no_opinion, effectiveness, ease, speed, transparency, humanity, employee, trust, recommend, thumbs, comment != '' AS commented
FROM derive_facts AS o
LEFT JOIN (SELECT id, department AS own_department FROM services FINAL) AS s ON s.id = o.service
