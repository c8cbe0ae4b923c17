-- Of the cases with a promise closed in the period, those that kept it, by district, channel and kind of case.
SELECT
  district, channel,
  if({by_subtype: UInt8} = 1, subtype, service) AS stratum,
  countIf(closed_at <= extended_due_at) AS counted,
  count() AS of_all
FROM cases
WHERE due_at IS NOT NULL AND closed_at >= toDateTime64(concat(toString({from: Date32}), ' 00:00:00'), 6, {zone: String}) AND closed_at < toDateTime64(concat(toString({until: Date32}), ' 00:00:00'), 6, {zone: String})
  AND (empty({service: Array(String)}) OR service IN {service: Array(String)})
  AND (empty({department: Array(String)}) OR department IN {department: Array(String)})
  AND (empty({district: Array(String)}) OR district IN {district: Array(String)})
  AND (empty({channel: Array(String)}) OR channel IN {channel: Array(String)})
  AND (empty({team: Array(String)}) OR team IN {team: Array(String)})
GROUP BY district, channel, stratum
ORDER BY district, channel, stratum
