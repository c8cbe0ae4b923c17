-- Cases that came to and left every stage in each bucket of the period, and those that stood there at its end, with how long by
-- then. An open case that nobody began stands before the stages that followed the activity it ended last, each with its share among the
-- cases of the last year that waited at least as long; where nothing ever followed, it stands after that activity.
WITH
  (SELECT arrayMap(e -> toUnixTimestamp64Micro(toDateTime64(concat(toString(e), ' 00:00:00'), 6, {zone: String})), {ends: Array(Date32)})) AS end_us,
  toUnixTimestamp64Micro(toDateTime64(concat(toString({from: Date32}), ' 00:00:00'), 6, {zone: String})) AS begin_us,
  least(end_us[-1], arrayMax({source_ends: Array(Int64)})) AS last_us,
  day -> toInt32(multiIf({grain: String} = 'day', toInt32(day), {grain: String} = 'week', intDiv(toInt32(day) + 3, 7), toYear(day) * 12 + toMonth(day))) AS number,
  day -> if(day >= {until: Date32}, toInt32(length(end_us)), number(day) - number({from: Date32})) AS place,
  -- waits by their length in steps of a half power of two of minutes; of those that waited as long as a case or longer, so many went there
  wait_us -> toUInt8(ceil(2 * log2(1 + greatest(0, wait_us) / 6e7))) AS step,
  followed AS
  (
    SELECT service, from_activity, groupArray((level, toString(next), share)) AS went, max(level) AS furthest
    FROM
    (
      SELECT service, from_activity, level, next, sum(n) / sum(sum(n)) OVER (PARTITION BY service, from_activity, level) AS share
      FROM
      (
        SELECT service, from_activity, activity AS next, step(toUnixTimestamp64Micro(ifNull(started_at, left_at)) - toUnixTimestamp64Micro(entered_at)) AS waited, count() AS n
        FROM stage_visits
        WHERE position > 1 AND left_at >= toDateTime64(concat(toString({since: Date32}), ' 00:00:00'), 6, {zone: String}) AND left_at < toDateTime64(concat(toString({until: Date32}), ' 00:00:00'), 6, {zone: String})
          AND (empty({service: Array(String)}) OR service IN {service: Array(String)})
        GROUP BY service, from_activity, next, waited
      )
      ARRAY JOIN range(toUInt8(waited + 1)) AS level
      GROUP BY service, from_activity, level, next
    )
    GROUP BY service, from_activity
  ),
  stays AS
  (
    SELECT source, service, department, district, channel, team, activity AS stage, '' AS after, 1. AS share, 0 AS expected, if(position = 1, ifNull(started_at, left_at), entered_at) AS entered, toNullable(left_at) AS left
    FROM stage_visits
    WHERE left_at >= toDateTime64(concat(toString({from: Date32}), ' 00:00:00'), 6, {zone: String})
    UNION ALL
    SELECT source, service, department, district, channel, team, activity, '', 1., 0, if(position = 1, ifNull(started_at, entered_at), entered_at), NULL
    FROM open_visits
    WHERE activity != ''
    UNION ALL
    SELECT source, service, department, district, channel, team, place.2, if(place.2 = '', from_activity, ''), if(place.2 = '', 1., place.3), 1, entered_at, NULL
    FROM open_visits
    LEFT JOIN followed USING (service, from_activity)
    LEFT ARRAY JOIN arrayFilter(w -> w.1 = least(furthest, step(transform(source, {source_ids: Array(String)}, {source_ends: Array(Int64)}, toInt64(0)) - toUnixTimestamp64Micro(entered_at))), went) AS place
    WHERE activity = ''
  )
-- kinds of turns: 0 somebody came, 1 somebody left, 2 somebody stands there at the end of a bucket
SELECT
  any(t.service) AS service, any(t.stage) AS stage, any(t.after) AS after, bucket,
  sumIf(share, kind = 0) AS arrivals,
  sumIf(share, kind = 1) AS departures,
  sumIf(share, kind = 2) AS backlog,
  sumIf(share, kind = 2 AND expected = 1) AS backlog_expected,
  quantilesExactWeightedIf(0.5, 0.9)(time_us, toUInt64(ceil(share * 1e6)), kind = 2) AS quantiles,
  if(backlog = 0, NULL, quantiles[1] / 8.64e10) AS median_days,
  if(backlog = 0, NULL, quantiles[2] / 8.64e10) AS p90_days,
  if(backlog = 0, NULL, maxIf(time_us, kind = 2) / 8.64e10) AS oldest_days,
  [
    sumIf(share, kind = 2 AND time_us < 7 * 8.64e10),
    sumIf(share, kind = 2 AND time_us >= 7 * 8.64e10 AND time_us < 30 * 8.64e10),
    sumIf(share, kind = 2 AND time_us >= 30 * 8.64e10 AND time_us < 90 * 8.64e10),
    sumIf(share, kind = 2 AND time_us >= 90 * 8.64e10)
  ] AS by_days,
  -- hours stayed by those who left
  sumIf(time_us * share, kind = 1) / 3.6e9 AS stayed_hours,
  -- hours that those who stood there for any of the bucket's end, came or left have in common with the period, by adding up
  sumIf(share * rest_us, kind = 0) / 3.6e9 - sumIf(share * rest_us, kind = 1) / 3.6e9 AS net_hours,
  any(last_us - begin_us) / 3.6e9 AS period_hours
FROM
(
  SELECT
    id, service, stage, after, share, expected, turn.1 AS bucket, turn.2 AS kind,
    multiIf(kind = 2, greatest(toInt64(0), least(end_us[bucket + 1], known_us) - entered_us), kind = 1, left_us - entered_us, 0) AS time_us,
    last_us - if(kind = 0, entered_us, left_us) AS rest_us
  FROM
  (
    SELECT
      -- a number is grouped by much faster than three texts
      sipHash128(service, stage, after) AS id, service, stage, after, share, expected,
      toUnixTimestamp64Micro(entered) AS entered_us,
      ifNull(toUnixTimestamp64Micro(left), 0) AS left_us,
      toDate32(entered, {zone: String}) AS entered_on,
      place(entered_on) AS came_in,
      place(if(left IS NULL, {until: Date32}, toDate32(assumeNotNull(left), {zone: String}))) AS went_in,
      transform(source, {source_ids: Array(String)}, {source_ends: Array(Int64)}, toInt64(0)) AS known_us
    FROM stays
    WHERE entered < toDateTime64(concat(toString({until: Date32}), ' 00:00:00'), 6, {zone: String})
      AND ({stage: String} = '' OR stage = {stage: String})
      AND (empty({service: Array(String)}) OR service IN {service: Array(String)})
      AND (empty({department: Array(String)}) OR department IN {department: Array(String)})
      AND (empty({district: Array(String)}) OR district IN {district: Array(String)})
      AND (empty({channel: Array(String)}) OR channel IN {channel: Array(String)})
      AND (empty({team: Array(String)}) OR team IN {team: Array(String)})
  )
  ARRAY JOIN arrayConcat(
    if(entered_on >= {from: Date32}, [(came_in, 0)], []),
    if(went_in < length(end_us), [(went_in, 1)], []),
    arrayMap(b -> (b, 2), range(greatest(toInt32(0), came_in), went_in))
  ) AS turn
) AS t
GROUP BY id, bucket
ORDER BY service, stage, after, bucket
