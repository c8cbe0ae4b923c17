-- Cases closed in the period and in the earlier one, and the hours they took (pauses taken out), by the values of every dimension asked for.
SELECT
  facet.1 AS dimension,
  facet.2 AS segment,
  countIf(now) AS n,
  sumIf(took, now) AS hours,
  sumIf(took * took, now) AS squares,
  countIf(NOT now) AS before_n,
  sumIf(took, NOT now) AS before_hours,
  sumIf(took * took, NOT now) AS before_squares
FROM
(
  SELECT
    service, department, district, channel, team, subtype, outcome, claimed,
    (toUnixTimestamp64Micro(assumeNotNull(closed_at)) - toUnixTimestamp64Micro(started_at) - paused_us) / 3.6e9 AS took,
    assumeNotNull(closed_at) >= toDateTime64(concat(toString({from: Date32}), ' 00:00:00'), 6, {zone: String}) AND assumeNotNull(closed_at) < toDateTime64(concat(toString({until: Date32}), ' 00:00:00'), 6, {zone: String}) AS now
  FROM cases
  WHERE ((closed_at >= toDateTime64(concat(toString({from: Date32}), ' 00:00:00'), 6, {zone: String}) AND closed_at < toDateTime64(concat(toString({until: Date32}), ' 00:00:00'), 6, {zone: String})) OR (closed_at >= toDateTime64(concat(toString({before_from: Date32}), ' 00:00:00'), 6, {zone: String}) AND closed_at < toDateTime64(concat(toString({before_until: Date32}), ' 00:00:00'), 6, {zone: String})))
    AND (empty({service: Array(String)}) OR service IN {service: Array(String)})
    AND (empty({department: Array(String)}) OR department IN {department: Array(String)})
    AND (empty({district: Array(String)}) OR district IN {district: Array(String)})
    AND (empty({channel: Array(String)}) OR channel IN {channel: Array(String)})
    AND (empty({team: Array(String)}) OR team IN {team: Array(String)})
)
ARRAY JOIN arrayFilter(f -> has({dimensions: Array(String)}, f.1), [
  ('service', toString(service)), ('department', toString(department)), ('district', toString(district)), ('channel', toString(channel)),
  ('team', toString(team)), ('subtype', toString(subtype)), ('outcome', toString(outcome)), ('claimed', toString(claimed))
]) AS facet
GROUP BY dimension, segment
ORDER BY dimension, segment
