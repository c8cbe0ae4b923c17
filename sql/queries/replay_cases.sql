-- The cases of one service with their visits in order, to be led through the service once more. Moments are seconds of local time, so that a
-- day has 86,400 of them; open cases have their last place apart. No rows where there are more visits than `most`.
WITH
  moment -> toInt64(toUnixTimestamp(moment)) + timezoneOffset(toTimeZone(moment, {zone: String})) AS local,
  toDateTime64(concat(toString({since: Date32}), ' 00:00:00'), 6, {zone: String}) AS first_moment,
  toDateTime64(concat(toString({until: Date32}), ' 00:00:00'), 6, {zone: String}) AS end_moment
SELECT
  district, channel, subtype, closed,
  each_visit.2 AS stages, each_visit.3 AS teams, each_visit.4 AS entered, each_visit.5 AS started, each_visit.6 AS left, each_visit.7 AS paused,
  open_stage, open_since, open_paused_since
FROM
(
  SELECT
    source, case_id,
    any(district) AS district, any(channel) AS channel, any(subtype) AS subtype,
    toUInt8(countIf(is_open) = 0) AS closed,
    arraySort(groupArrayIf((position, activity, team, entered, started, left_second, paused), NOT is_open)) AS each_visit,
    anyIf(activity, is_open) AS open_stage, anyIf(entered, is_open) AS open_since, anyIf(paused_from, is_open) AS open_paused_since
  FROM
  (
    SELECT
      source, case_id, district, channel, subtype, position, toString(activity) AS activity, toString(team) AS team,
      local(if(position = 1, left_at, entered_at)) AS entered,
      if(started_at IS NULL, 0, local(assumeNotNull(started_at))) AS started,
      local(left_at) AS left_second, intDiv(paused_us, 1000000) AS paused, 0 AS paused_from, 0 AS is_open
    FROM stage_visits
    WHERE service = {one_service: String} AND left_at >= first_moment AND left_at < end_moment
    UNION ALL
    SELECT
      source, case_id, district, channel, subtype, position, activity, '',
      local(entered_at), 0, 0, 0, if(paused_since IS NULL, 0, local(assumeNotNull(paused_since))), 1
    FROM open_visits
    WHERE service = {one_service: String} AND entered_at < end_moment
  )
  WHERE (SELECT count() FROM stage_visits WHERE service = {one_service: String} AND left_at >= first_moment AND left_at < end_moment) <= {most: UInt32}
  GROUP BY source, case_id
)
ORDER BY if(empty(each_visit), open_since, each_visit[1].4), source, case_id
