-- The current version of the outcomes in `derive_facts`, with the department that answers for them. Whoever answered was asked. Where the
-- source does not tell whether the outcome was the intended one, its class tells.
INSERT INTO current_outcomes_next
WITH
  (SELECT (groupArray((toString(service), code)), groupArray(toString(class))) FROM outcome_classes FINAL) AS classes,
  (of_service, code) -> classes.2[indexOf(classes.1, (of_service, lower(code)))] AS class_of
SELECT
  source, outcome_id, service, if(o.department = '', s.own_department, o.department), district, channel, team, at, case_id, outcome,
  multiIf(
    o.intended != '', toString(o.intended),
    (if(class_of(o.service, outcome) != '', class_of(o.service, outcome), class_of('', outcome)) AS class) IN ('intended', 'not_eligible'), 'yes',
    class IN ('resolved', 'refused', 'withdrawn'), 'no',
    '') AS intended,
  o.offered OR answered, rating, respondent,
  rating IS NOT NULL OR no_opinion OR recommend IS NOT NULL OR thumbs != '' OR commented
    OR coalesce(effectiveness, ease, speed, transparency, humanity, employee, trust) IS NOT NULL AS answered,
  no_opinion, effectiveness, ease, speed, transparency, humanity, employee, trust, recommend, thumbs, comment != '' AS commented
FROM derive_facts AS o
LEFT JOIN (SELECT id, department AS own_department FROM services FINAL) AS s ON s.id = o.service
