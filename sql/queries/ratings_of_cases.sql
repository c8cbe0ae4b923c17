-- Ratings joined to the case they belong to, by what is known of it: whole days from asking to the outcome (-1: no case, or it is open; once more for
-- those who got what they came for), the outcome, the
-- channel, the district, and the stage (with its service) that took longest beyond its usual time, the median of a year. A rating belongs
-- to the case of its own source; of another source's only when no two sources use that id in the service.
SELECT
  facet.1 AS dimension, facet.2 AS value, count() AS rated, countIf(rating >= 4) AS satisfied
FROM
(
  SELECT
    rating, intended, o.outcome AS stated, o.service AS of_service, o.channel AS own_channel, o.district AS own_district,
    own.case_id != '' AS is_own,
    is_own OR only.case_id != '' AS is_joined,
    cityHash64(toString(if(is_own, own.source, only.source)), o.case_id) AS case_key,
    if(is_own, own.outcome, only.outcome) AS case_outcome,
    if(is_own, own.closed_at, only.closed_at) AS case_closed_at,
    if(is_own, own.on_clock_us, only.on_clock_us) / 8.64e10 AS days,
    if(stated = '', case_outcome, stated) AS outcome,
    if(NOT is_joined OR case_closed_at IS NULL, -1, toInt64(greatest(0, floor(days)))) AS day
  FROM
  (
    SELECT * FROM current_outcomes
    WHERE rating IS NOT NULL AND at >= toDateTime64(concat(toString({from: Date32}), ' 00:00:00'), 6, {zone: String}) AND at < toDateTime64(concat(toString({until: Date32}), ' 00:00:00'), 6, {zone: String})
      AND (empty({service: Array(String)}) OR service IN {service: Array(String)})
      AND (empty({department: Array(String)}) OR department IN {department: Array(String)})
      AND (empty({district: Array(String)}) OR district IN {district: Array(String)})
      AND (empty({channel: Array(String)}) OR channel IN {channel: Array(String)})
      AND (empty({team: Array(String)}) OR team IN {team: Array(String)})
  ) AS o
  LEFT JOIN
  (
    SELECT source, service, case_id, outcome, closed_at, toUnixTimestamp64Micro(assumeNotNull(closed_at)) - toUnixTimestamp64Micro(started_at) - paused_us AS on_clock_us
    FROM cases
    WHERE case_id IN (SELECT case_id FROM current_outcomes WHERE rating IS NOT NULL AND at >= toDateTime64(concat(toString({from: Date32}), ' 00:00:00'), 6, {zone: String}) AND at < toDateTime64(concat(toString({until: Date32}), ' 00:00:00'), 6, {zone: String}))
  ) AS own ON own.source = o.source AND own.service = o.service AND own.case_id = o.case_id
  LEFT JOIN
  (
    SELECT service, case_id, toString(any(c.source)) AS source, any(c.outcome) AS outcome, anyRespectNulls(c.closed_at) AS closed_at, any(toUnixTimestamp64Micro(assumeNotNull(c.closed_at)) - toUnixTimestamp64Micro(c.started_at) - c.paused_us) AS on_clock_us
    FROM cases AS c
    WHERE case_id IN (SELECT case_id FROM current_outcomes WHERE rating IS NOT NULL AND at >= toDateTime64(concat(toString({from: Date32}), ' 00:00:00'), 6, {zone: String}) AND at < toDateTime64(concat(toString({until: Date32}), ' 00:00:00'), 6, {zone: String}))
    GROUP BY service, case_id
    HAVING count() = 1
  ) AS only ON only.service = o.service AND only.case_id = o.case_id
) AS r
LEFT JOIN
(
  SELECT stuck_key, max(beyond_us) AS most_beyond_us, argMax(stage, beyond_us) AS stuck_at
  FROM
  (
    SELECT cityHash64(toString(source), case_id) AS stuck_key, service, activity AS stage, sum(toUnixTimestamp64Micro(left_at) - toUnixTimestamp64Micro(entered_at) - paused_us) - any(usual_us) AS beyond_us
    FROM (SELECT * FROM stage_visits WHERE position > 1 AND case_id IN (SELECT case_id FROM current_outcomes WHERE rating IS NOT NULL AND at >= toDateTime64(concat(toString({from: Date32}), ' 00:00:00'), 6, {zone: String}) AND at < toDateTime64(concat(toString({until: Date32}), ' 00:00:00'), 6, {zone: String}))) AS v
    LEFT JOIN
    (
      SELECT service AS usual_service, activity AS usual_stage, quantileExactInclusive(0.5)(toUnixTimestamp64Micro(left_at) - toUnixTimestamp64Micro(entered_at) - paused_us) AS usual_us
      FROM stage_visits
      WHERE position > 1 AND left_at >= toDateTime64(concat(toString({since: Date32}), ' 00:00:00'), 6, {zone: String}) AND left_at < toDateTime64(concat(toString({until: Date32}), ' 00:00:00'), 6, {zone: String})
        AND (empty({service: Array(String)}) OR service IN {service: Array(String)})
      GROUP BY usual_service, usual_stage
    ) AS u ON u.usual_service = v.service AND u.usual_stage = v.activity
    GROUP BY stuck_key, service, stage
  )
  GROUP BY stuck_key
) AS s ON s.stuck_key = r.case_key
ARRAY JOIN arrayConcat(
  [('day', toString(day)), ('outcome', toString(outcome)), ('channel', toString(own_channel)), ('district', toString(own_district))],
  if(day < 0 OR intended != 'yes', [], [('day_of_intended', toString(day))]),
  if(day < 0, [], [('stage', concat(toString(of_service), '\n', if(most_beyond_us > 0, toString(stuck_at), '')))])) AS facet
GROUP BY dimension, value
ORDER BY dimension, value
