-- The five counts of the ratings in the period, what else was answered, and how many were asked and were customers.
SELECT
  countIf(rating = 1) AS one, countIf(rating = 2) AS two, countIf(rating = 3) AS three, countIf(rating = 4) AS four, countIf(rating = 5) AS five,
  sum(answered) AS all_answered,
  sum(offered) AS asked,
  count() AS customers,
  sum(no_opinion) AS without_opinion,
  -- who has no name counts as somebody else each time
  uniqExactIf(respondent, answered AND respondent != 0) + countIf(answered AND respondent = 0) AS respondents,
  countIf(recommend IS NOT NULL) AS recommend_told,
  countIf(recommend >= 9) AS promoters,
  countIf(recommend <= 6) AS detractors,
  countIf(thumbs = 'up') AS thumbs_up,
  countIf(thumbs = 'down') AS thumbs_down
FROM current_outcomes
WHERE at >= toDateTime64(concat(toString({from: Date32}), ' 00:00:00'), 6, {zone: String}) AND at < toDateTime64(concat(toString({until: Date32}), ' 00:00:00'), 6, {zone: String})
  AND (empty({service: Array(String)}) OR service IN {service: Array(String)})
  AND (empty({department: Array(String)}) OR department IN {department: Array(String)})
  AND (empty({district: Array(String)}) OR district IN {district: Array(String)})
  AND (empty({channel: Array(String)}) OR channel IN {channel: Array(String)})
  AND (empty({team: Array(String)}) OR team IN {team: Array(String)})
