-- By how much the days of the touched outcomes change: outcomes, answers and ratings.
SELECT
  toDate32(at, {zone: String}) AS day, service, department, district, channel, team,
  sum(sign * (intended = 'yes')) AS intended_yes,
  sum(sign * (intended = 'no')) AS intended_no,
  sum(sign * t.offered) AS offered,
  sum(sign * t.answered) AS answered,
  sum(sign * ifNull(rating >= 4, 0)) AS satisfied,
  sum(sign) AS told,
  sum(sign * (rating IS NOT NULL)) AS rated,
  sum(sign * t.no_opinion) AS no_opinion
FROM (SELECT 1 AS sign, * FROM current_outcomes_next UNION ALL SELECT -1 AS sign, * FROM current_outcomes_before) AS t
GROUP BY day, service, department, district, channel, team
