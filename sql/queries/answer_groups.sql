-- Customers of the period by service, channel and whether they got what they came for, with how many answered, rated and were satisfied. Customers are
-- the outcomes told; of services that tell outcomes only with an answer, the cases closed, of which the end is not known this way.
WITH
  told AS
  (
    SELECT
      service, channel, toString(intended) AS own_intended,
      count() AS all_told, sum(answered) AS all_answered, countIf(rating IS NOT NULL) AS all_rated, countIf(rating >= 4) AS all_satisfied
    FROM current_outcomes
    WHERE at >= toDateTime64(concat(toString({from: Date32}), ' 00:00:00'), 6, {zone: String}) AND at < toDateTime64(concat(toString({until: Date32}), ' 00:00:00'), 6, {zone: String})
      AND (empty({service: Array(String)}) OR service IN {service: Array(String)})
      AND (empty({department: Array(String)}) OR department IN {department: Array(String)})
      AND (empty({district: Array(String)}) OR district IN {district: Array(String)})
      AND (empty({channel: Array(String)}) OR channel IN {channel: Array(String)})
      AND (empty({team: Array(String)}) OR team IN {team: Array(String)})
    GROUP BY service, channel, own_intended
  ),
  closing AS
  (
    SELECT service, channel, sum(closed) AS all_closed
    FROM daily_cases
    WHERE day >= {from: Date32} AND day < {until: Date32} AND closed > 0
      AND service IN (SELECT service FROM told GROUP BY service HAVING sum(all_told) = sum(all_answered))
      AND (empty({service: Array(String)}) OR service IN {service: Array(String)})
      AND (empty({department: Array(String)}) OR department IN {department: Array(String)})
      AND (empty({district: Array(String)}) OR district IN {district: Array(String)})
      AND (empty({channel: Array(String)}) OR channel IN {channel: Array(String)})
      AND (empty({team: Array(String)}) OR team IN {team: Array(String)})
    GROUP BY service, channel
  )
SELECT service, channel, intended, greatest(sum(people), sum(answers)) AS customers, sum(answers) AS answered, sum(ratings) AS rated, sum(content) AS satisfied
FROM
(
  SELECT
    service, channel,
    service IN (SELECT service FROM closing) AS by_cases,
    if(by_cases, '', own_intended) AS intended,
    if(by_cases, 0, all_told) AS people, all_answered AS answers, all_rated AS ratings, all_satisfied AS content
  FROM told
  UNION ALL
  SELECT service, channel, 1, '', all_closed, 0, 0, 0 FROM closing
)
GROUP BY service, channel, intended
ORDER BY service, channel, intended
