-- Which outcome codes the cases closed in the period ended with, and the class of each; the code is empty where none was told.
SELECT
  class,
  service,
  outcome AS code,
  count() AS ended
FROM cases
WHERE closed_at >= toDateTime64(concat(toString({from: Date32}), ' 00:00:00'), 6, {zone: String}) AND closed_at < toDateTime64(concat(toString({until: Date32}), ' 00:00:00'), 6, {zone: String})
  AND (empty({service: Array(String)}) OR service IN {service: Array(String)})
  AND (empty({department: Array(String)}) OR department IN {department: Array(String)})
  AND (empty({district: Array(String)}) OR district IN {district: Array(String)})
  AND (empty({channel: Array(String)}) OR channel IN {channel: Array(String)})
  AND (empty({team: Array(String)}) OR team IN {team: Array(String)})
GROUP BY class, service, code
ORDER BY ended DESC, service, code
