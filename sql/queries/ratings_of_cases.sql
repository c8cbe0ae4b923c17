-- Answers joined to the case they belong to: by days from asking to the outcome, and by outcome.
SELECT
  band, outcome, count() AS answered, countIf(rating >= 4) AS satisfied
FROM
(
  SELECT
    rating, o.outcome AS stated, c.outcome AS case_outcome, c.closed_at AS closed_at,
    if(stated = '', case_outcome, stated) AS outcome,
    if(c.case_id = '' OR closed_at IS NULL, -1, arrayFirstIndex(until -> days < until, {bands: Array(Float64)})) AS band,
    (toUnixTimestamp64Micro(assumeNotNull(closed_at)) - toUnixTimestamp64Micro(c.started_at) - c.paused_us) / 8.64e10 AS days
  FROM
  (
    SELECT o.* REPLACE (if(o.department = '', s.own_department, o.department) AS department)
    FROM outcomes AS o FINAL
    LEFT JOIN (SELECT id, department AS own_department FROM services FINAL) AS s ON s.id = o.service
    WHERE at >= toDateTime64(concat(toString({from: Date32}), ' 00:00:00'), 6, {zone: String}) AND at < toDateTime64(concat(toString({until: Date32}), ' 00:00:00'), 6, {zone: String}) AND rating IS NOT NULL
  ) AS o
  LEFT JOIN (SELECT service AS of_service, case_id, outcome, closed_at, started_at, paused_us FROM cases FINAL) AS c
    ON c.case_id = o.case_id AND c.of_service = o.service
  WHERE 1
    AND (empty({service: Array(String)}) OR service IN {service: Array(String)})
    AND (empty({department: Array(String)}) OR department IN {department: Array(String)})
    AND (empty({district: Array(String)}) OR district IN {district: Array(String)})
    AND (empty({channel: Array(String)}) OR channel IN {channel: Array(String)})
    AND (empty({team: Array(String)}) OR team IN {team: Array(String)})
)
GROUP BY band, outcome
ORDER BY band, outcome
