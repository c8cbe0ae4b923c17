-- The five counts of the answers in the period, with how many were asked.
SELECT
  countIf(rating = 1) AS one, countIf(rating = 2) AS two, countIf(rating = 3) AS three, countIf(rating = 4) AS four, countIf(rating = 5) AS five,
  countIf(rating IS NOT NULL) AS answered,
  countIf(offered = 1 OR rating IS NOT NULL) AS asked
FROM current_outcomes
WHERE at >= toDateTime64(concat(toString({from: Date32}), ' 00:00:00'), 6, {zone: String}) AND at < toDateTime64(concat(toString({until: Date32}), ' 00:00:00'), 6, {zone: String})
    AND (empty({service: Array(String)}) OR service IN {service: Array(String)})
    AND (empty({department: Array(String)}) OR department IN {department: Array(String)})
    AND (empty({district: Array(String)}) OR district IN {district: Array(String)})
    AND (empty({channel: Array(String)}) OR channel IN {channel: Array(String)})
    AND (empty({team: Array(String)}) OR team IN {team: Array(String)})
