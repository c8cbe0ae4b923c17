-- How many answered for each of the seven drivers in the period, and how many agreed (4 or 5).
SELECT driver.1 AS id, count() AS told, countIf(driver.2 >= 4) AS positive
FROM current_outcomes
ARRAY JOIN arrayFilter(d -> d.2 IS NOT NULL, [('effectiveness', effectiveness), ('ease', ease), ('speed', speed), ('transparency', transparency), ('humanity', humanity), ('employee', employee), ('trust', trust)]) AS driver
WHERE answered AND at >= toDateTime64(concat(toString({from: Date32}), ' 00:00:00'), 6, {zone: String}) AND at < toDateTime64(concat(toString({until: Date32}), ' 00:00:00'), 6, {zone: String})
  AND (empty({service: Array(String)}) OR service IN {service: Array(String)})
  AND (empty({department: Array(String)}) OR department IN {department: Array(String)})
  AND (empty({district: Array(String)}) OR district IN {district: Array(String)})
  AND (empty({channel: Array(String)}) OR channel IN {channel: Array(String)})
  AND (empty({team: Array(String)}) OR team IN {team: Array(String)})
GROUP BY id
ORDER BY id
