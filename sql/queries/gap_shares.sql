-- What is a share of people, by district, channel and service: waits within their promise, ratings of 4 and 5, outcomes as intended (those of
-- cases, where a service tells no other).
SELECT
  district, channel,
  service AS stratum,
  sum(part) AS counted,
  sum(everyone) AS of_all
FROM
(
  SELECT 'wait_in_time_rate' AS kpi, day, service, department, district, channel, team, in_time AS part, promised AS everyone FROM daily_wait_times
  UNION ALL
  SELECT 'satisfied_share', day, service, department, district, channel, team, satisfied, rated FROM daily_outcomes
  UNION ALL
  SELECT 'intended_outcome_rate', day, service, department, district, channel, team, intended_yes, intended_yes + intended_no FROM daily_outcomes
  UNION ALL
  SELECT 'intended_outcome_rate', day, service, department, district, channel, team, intended + not_eligible, intended + not_eligible + resolved + refused + withdrawn
  FROM daily_cases
  WHERE service NOT IN (SELECT service FROM daily_outcomes WHERE intended_yes + intended_no > 0)
)
WHERE kpi = {kpi: String} AND everyone > 0 AND day >= {from: Date32} AND day < {until: Date32}
  AND (empty({service: Array(String)}) OR service IN {service: Array(String)})
  AND (empty({department: Array(String)}) OR department IN {department: Array(String)})
  AND (empty({district: Array(String)}) OR district IN {district: Array(String)})
  AND (empty({channel: Array(String)}) OR channel IN {channel: Array(String)})
  AND (empty({team: Array(String)}) OR team IN {team: Array(String)})
GROUP BY district, channel, stratum
ORDER BY district, channel, stratum
