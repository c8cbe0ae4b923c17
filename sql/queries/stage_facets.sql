-- Hours waited before every stage, now and earlier, by district, channel, team and the activity before: who bears the change.
SELECT
  service, stage, dimension, value,
  countIf(now) AS n,
  sumIf(wait_us, now) / 3.6e9 AS hours,
  countIf(NOT now) AS before_n,
  sumIf(wait_us, NOT now) / 3.6e9 AS before_hours
FROM
(
  SELECT
    service,
    activity AS stage,
    facet.1 AS dimension,
    facet.2 AS value,
    toUnixTimestamp64Micro(ifNull(started_at, left_at)) - toUnixTimestamp64Micro(entered_at) AS wait_us,
    left_at >= toDateTime64(concat(toString({from: Date32}), ' 00:00:00'), 6, {zone: String}) AND left_at < toDateTime64(concat(toString({until: Date32}), ' 00:00:00'), 6, {zone: String}) AS now
  FROM stage_visits
  ARRAY JOIN [('district', toString(district)), ('channel', toString(channel)), ('team', toString(team)), ('from', toString(from_activity))] AS facet
  WHERE position > 1
    AND ((left_at >= toDateTime64(concat(toString({from: Date32}), ' 00:00:00'), 6, {zone: String}) AND left_at < toDateTime64(concat(toString({until: Date32}), ' 00:00:00'), 6, {zone: String})) OR (left_at >= toDateTime64(concat(toString({before_from: Date32}), ' 00:00:00'), 6, {zone: String}) AND left_at < toDateTime64(concat(toString({before_until: Date32}), ' 00:00:00'), 6, {zone: String})))
    AND (empty({service: Array(String)}) OR service IN {service: Array(String)})
    AND (empty({department: Array(String)}) OR department IN {department: Array(String)})
    AND (empty({district: Array(String)}) OR district IN {district: Array(String)})
    AND (empty({channel: Array(String)}) OR channel IN {channel: Array(String)})
    AND (empty({team: Array(String)}) OR team IN {team: Array(String)})
)
GROUP BY service, stage, dimension, value
HAVING n > 0
ORDER BY service, stage, dimension, value
