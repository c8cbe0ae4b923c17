-- Outcomes and ratings by day for the months in {months}, as if outcomes_next were in already.
INSERT INTO daily_outcomes_next
SELECT
  toDate32(at, {zone: String}) AS day, service, if(o.department = '', s.department, o.department) AS department, district, channel, team,
  countIf(intended = 'yes'), countIf(intended = 'no'),
  countIf(offered = 1 OR rating IS NOT NULL), countIf(rating IS NOT NULL), countIf(rating >= 4)
FROM
(
  SELECT * FROM outcomes FINAL WHERE (source, outcome_id) NOT IN (SELECT source, outcome_id FROM outcomes_next)
  UNION ALL
  SELECT * FROM outcomes_next FINAL
) AS o
LEFT JOIN (SELECT id, department FROM services FINAL) AS s ON s.id = o.service
WHERE toYYYYMM(toDate32(at, {zone: String})) IN {months: Array(UInt32)}
GROUP BY day, service, department, district, channel, team
