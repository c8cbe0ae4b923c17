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
    -- that of its own source, or the only one
    arrayFilter(c -> c.1 = o.source OR length(candidates) = 1, candidates) AS found,
    notEmpty(found) AS is_joined,
    cityHash64(found[1].1, o.case_id) AS case_key,
    if(stated = '', found[1].2, stated) AS outcome,
    if(NOT is_joined OR found[1].3 IS NULL, -1, toInt64(greatest(0, floor(found[1].4 / 8.64e10)))) AS day
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
    SELECT
      service, case_id,
      groupArray((toString(source), toString(outcome), closed_at, toUnixTimestamp64Micro(assumeNotNull(closed_at)) - toUnixTimestamp64Micro(started_at) - paused_us)) AS candidates
    FROM cases
    WHERE case_id IN (SELECT case_id FROM current_outcomes WHERE rating IS NOT NULL AND at >= toDateTime64(concat(toString({from: Date32}), ' 00:00:00'), 6, {zone: String}) AND at < toDateTime64(concat(toString({until: Date32}), ' 00:00:00'), 6, {zone: String}))
    GROUP BY service, case_id
  ) AS cases_of_id ON cases_of_id.service = o.service AND cases_of_id.case_id = o.case_id
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
