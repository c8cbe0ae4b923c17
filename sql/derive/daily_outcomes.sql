-- Outcomes and ratings by day for the months in {months}.
INSERT INTO daily_outcomes_next
SELECT
  toDate32(at, {zone: String}) AS day, service, department, district, channel, team,
  countIf(intended = 'yes'), countIf(intended = 'no'),
  countIf(offered = 1 OR rating IS NOT NULL), countIf(rating IS NOT NULL), countIf(rating >= 4)
FROM
(
  SELECT * FROM current_outcomes WHERE (source, outcome_id) NOT IN (SELECT source, outcome_id FROM touched)
  UNION ALL
  SELECT * FROM current_outcomes_next
)
WHERE toYYYYMM(toDate32(at, {zone: String})) IN {months: Array(UInt32)}
GROUP BY day, service, department, district, channel, team
