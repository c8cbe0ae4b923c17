-- The visits of some months by the weeks in which they came and left: all of them, and those of every district, channel, team and subtype.
SELECT
  toYYYYMM(left_at) AS month,
  service, dimension, value, from_activity, activity AS stage,
  intDiv(toInt32(toDate32(came_at, {zone: String})) + 3, 7) AS came_week,
  intDiv(toInt32(toDate32(left_at, {zone: String})) + 3, 7) AS left_week,
  count() AS visits,
  countIf(repetition > 1) AS returned,
  sum(dateDiff('microsecond', came_at, toDateTime64(toDate32(came_week * 7 + 4), 6, {zone: String}))) AS came_rest_us,
  sum(dateDiff('microsecond', left_at, toDateTime64(toDate32(left_week * 7 + 4), 6, {zone: String}))) AS left_rest_us,
  countIf(stood_us > 0) AS paused,
  sum(stood_us) AS paused_us,
  sumIf(log(1 + stood_us / 60e6), stood_us > 0) AS pause
FROM
(
  SELECT
    *,
    dimension,
    paused_us AS stood_us,
    if(position = 1, ifNull(started_at, left_at), entered_at) AS came_at,
    multiIf(dimension = 'district', district, dimension = 'channel', channel, dimension = 'team', team, dimension = 'subtype', subtype, '') AS value
  FROM stage_visits
  ARRAY JOIN ['', 'district', 'channel', 'team', 'subtype'] AS dimension
  WHERE (dimension = '' OR value != '') AND toYYYYMM(left_at) IN {months: Array(UInt32)}
    AND (empty({service: Array(String)}) OR service IN {service: Array(String)})
    AND (empty({department: Array(String)}) OR department IN {department: Array(String)})
    AND (empty({district: Array(String)}) OR district IN {district: Array(String)})
    AND (empty({channel: Array(String)}) OR channel IN {channel: Array(String)})
    AND (empty({team: Array(String)}) OR team IN {team: Array(String)})
)
GROUP BY month, service, dimension, value, from_activity, stage, came_week, left_week
