-- The comments of the period, the newest first, behind the place where the last page ended. Read by those with the right alone.
SELECT
  source, outcome_id, service, district, channel, team, formatDateTime(at, '%Y-%m-%dT%H:%i:%SZ', 'UTC') AS at, toUnixTimestamp64Micro(c.at) AS key,
  rating, language, comment, themes, count() OVER () AS total
FROM comments AS c
WHERE c.at >= toDateTime64(concat(toString({from: Date32}), ' 00:00:00'), 6, {zone: String}) AND c.at < toDateTime64(concat(toString({until: Date32}), ' 00:00:00'), 6, {zone: String})
  AND (empty({service: Array(String)}) OR service IN {service: Array(String)})
  AND (empty({department: Array(String)}) OR department IN {department: Array(String)})
  AND (empty({district: Array(String)}) OR district IN {district: Array(String)})
  AND (empty({channel: Array(String)}) OR channel IN {channel: Array(String)})
  AND (empty({team: Array(String)}) OR team IN {team: Array(String)})
  AND ({theme: String} = '' OR has(themes, {theme: String}))
  AND ({after_key: Int64} = 0 OR (key, source, outcome_id) < ({after_key: Int64}, {after_source: String}, {after_outcome: String}))
ORDER BY key DESC, source DESC, outcome_id DESC
LIMIT {limit: UInt32}
