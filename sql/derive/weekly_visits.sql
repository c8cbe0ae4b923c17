-- The visits of some months, of one kind of case and team and by the week in which they ended, added up.
SELECT
  toYYYYMM(left_at) AS month,
  service, activity AS stage, district, channel, team, subtype,
  repetition > 1 AS again,
  intDiv(toInt32(toDate32(left_at, {zone: String})) + 3, 7) AS week,
  count() AS visits,
  countIf(is_told) AS told,
  sumIf(log(1 + greatest(60, touch_s) / 60), is_told AND nights = 0) AS touch,
  groupArrayIf((assumeNotNull(touch_worked_us), nights), is_told AND nights != 0) AS overnight,
  countIf(has_stayed) AS stayed,
  sumIf(log(1 + worked_us / 60e6), has_stayed) AS stay
FROM
(
  WITH moment -> toUnixTimestamp(moment) - toUnixTimestamp(toStartOfDay(moment, {zone: String})) AS second_of
  SELECT
    *,
    started_at IS NOT NULL AND touch_worked_us IS NOT NULL AS is_told,
    assumeNotNull(touch_worked_us) / 1e6 AS touch_s,
    -- told by how far the time of day moved
    if(is_told, toInt32(round((touch_s - (second_of(left_at) - second_of(assumeNotNull(started_at)))) / 86400)), 0) AS nights,
    position > 1 AND touch_worked_us IS NOT NULL AS has_stayed,
    assumeNotNull(wait_worked_us + touch_worked_us) AS worked_us
  FROM stage_visits
  WHERE toYYYYMM(left_at) IN {months: Array(UInt32)}
    AND (empty({service: Array(String)}) OR service IN {service: Array(String)})
    AND (empty({department: Array(String)}) OR department IN {department: Array(String)})
    AND (empty({district: Array(String)}) OR district IN {district: Array(String)})
    AND (empty({channel: Array(String)}) OR channel IN {channel: Array(String)})
    AND (empty({team: Array(String)}) OR team IN {team: Array(String)})
)
GROUP BY month, service, stage, district, channel, team, subtype, again, week
