-- Cases with a promise that closed in the period or were open at its end, those that were late, and by how many days in all;
-- {extended}: by due times with agreed extensions.
SELECT
  service,
  countIf(closed) AS closed_due,
  countIf(closed AND over_us > 0) AS closed_late,
  countIf(NOT closed) AS open_due,
  countIf(NOT closed AND over_us > 0) AS open_late,
  sumIf(over_us, over_us > 0) / 8.64e10 AS days_over
FROM
(
  WITH toDateTime64(concat(toString({until: Date32}), ' 00:00:00'), 6, {zone: String}) AS finish
  SELECT
    service,
    ifNull(closed_at < finish, 0) AS closed,
    least(toUnixTimestamp64Micro(finish), transform(source, {source_ids: Array(String)}, {source_ends: Array(Int64)}, toInt64(0))) AS seen_us,
    multiIf(
      closed, toUnixTimestamp64Micro(assumeNotNull(closed_at)),
      {extended: UInt8} = 1 AND paused_since IS NOT NULL, least(seen_us, toUnixTimestamp64Micro(assumeNotNull(paused_since))),
      seen_us) - toUnixTimestamp64Micro(assumeNotNull(if({extended: UInt8} = 1, extended_due_at, due_at))) AS over_us
  FROM cases
  WHERE if({extended: UInt8} = 1, extended_due_at, due_at) IS NOT NULL
    AND started_at < finish AND (closed_at IS NULL OR closed_at >= toDateTime64(concat(toString({from: Date32}), ' 00:00:00'), 6, {zone: String}))
    AND (empty({service: Array(String)}) OR service IN {service: Array(String)})
    AND (empty({department: Array(String)}) OR department IN {department: Array(String)})
    AND (empty({district: Array(String)}) OR district IN {district: Array(String)})
    AND (empty({channel: Array(String)}) OR channel IN {channel: Array(String)})
    AND (empty({team: Array(String)}) OR team IN {team: Array(String)})
)
GROUP BY service
ORDER BY service
