-- The five counts of the answers in the period, with how many were asked.
SELECT
  countIf(rating = 1) AS one, countIf(rating = 2) AS two, countIf(rating = 3) AS three, countIf(rating = 4) AS four, countIf(rating = 5) AS five,
  countIf(rating IS NOT NULL) AS answered,
  countIf(offered = 1 OR rating IS NOT NULL) AS asked
FROM
(
  SELECT o.* REPLACE (if(o.department = '', s.own_department, o.department) AS department)
  FROM outcomes AS o FINAL
  LEFT JOIN (SELECT id, department AS own_department FROM services FINAL) AS s ON s.id = o.service
  WHERE at >= toDateTime64(concat(toString({from: Date32}), ' 00:00:00'), 6, {zone: String}) AND at < toDateTime64(concat(toString({until: Date32}), ' 00:00:00'), 6, {zone: String})
)
WHERE 1
    AND (empty({service: Array(String)}) OR service IN {service: Array(String)})
    AND (empty({department: Array(String)}) OR department IN {department: Array(String)})
    AND (empty({district: Array(String)}) OR district IN {district: Array(String)})
    AND (empty({channel: Array(String)}) OR channel IN {channel: Array(String)})
    AND (empty({team: Array(String)}) OR team IN {team: Array(String)})
