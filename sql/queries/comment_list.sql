-- The comments of the period, the newest first, behind the place where the last page ended. Read by those with the right alone.
SELECT
  toUnixTimestamp64Micro(c.at) AS key, toString(cityHash64(source, outcome_id)) AS place,
  formatDateTime(c.at, '%Y-%m-%dT%H:%i:%SZ', 'UTC') AS answered_at, service, district, channel, team, rating, language, comment, themes
FROM comments AS c
WHERE c.at >= toDateTime64(concat(toString({from: Date32}), ' 00:00:00'), 6, {zone: String}) AND c.at < toDateTime64(concat(toString({until: Date32}), ' 00:00:00'), 6, {zone: String})
  AND (empty({service: Array(String)}) OR service IN {service: Array(String)})
  AND (empty({department: Array(String)}) OR department IN {department: Array(String)})
  AND (empty({district: Array(String)}) OR district IN {district: Array(String)})
  AND (empty({channel: Array(String)}) OR channel IN {channel: Array(String)})
  AND (empty({team: Array(String)}) OR team IN {team: Array(String)})
  AND ({theme: String} = '' OR has(themes, {theme: String}))
  AND ({after_key: Int64} = 0 OR (key, place) < ({after_key: Int64}, {after_place: String}))
ORDER BY key DESC, place DESC
LIMIT {limit: UInt32}
