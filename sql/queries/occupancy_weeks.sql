-- How many cases entered and left every stage in each week, and the person-hours from then to the end of the week: from these the
-- hours spent in a stage within a week follow by adding up. A case that is open stands before the stages that followed the
-- activity it ended last, each with the share of cases that went there.
WITH
  followed AS
  (
    SELECT service, from_activity, activity AS stage, count() / sum(count()) OVER (PARTITION BY service, from_activity) AS share
    FROM stage_visits
    WHERE position > 1 AND left_at >= toDateTime64(concat(toString({since: Date32}), ' 00:00:00'), 6, {zone: String}) AND left_at < toDateTime64(concat(toString({until: Date32}), ' 00:00:00'), 6, {zone: String})
    GROUP BY service, from_activity, stage
  ),
  moves AS
  (
    SELECT
      service, activity AS stage, district, channel, team, subtype, 1. AS share,
      greatest(if(position = 1, ifNull(started_at, left_at), entered_at), toDateTime64(concat(toString({since: Date32}), ' 00:00:00'), 6, {zone: String})) AS entered,
      left_at AS left
    FROM stage_visits
    WHERE left_at >= toDateTime64(concat(toString({since: Date32}), ' 00:00:00'), 6, {zone: String})
      AND entered_at < toDateTime64(concat(toString({until: Date32}), ' 00:00:00'), 6, {zone: String})
    AND (empty({service: Array(String)}) OR service IN {service: Array(String)})
    AND (empty({department: Array(String)}) OR department IN {department: Array(String)})
    AND (empty({district: Array(String)}) OR district IN {district: Array(String)})
    AND (empty({channel: Array(String)}) OR channel IN {channel: Array(String)})
    AND (empty({team: Array(String)}) OR team IN {team: Array(String)})
    UNION ALL
    SELECT
      service, if(activity = '', stage, activity), district, channel, team, subtype, if(activity = '', ifNull(share, 0), 1.),
      greatest(entered_at, toDateTime64(concat(toString({since: Date32}), ' 00:00:00'), 6, {zone: String})),
      toDateTime64('2299-12-31 00:00:00', 6, 'UTC')
    FROM open_visits
    LEFT JOIN followed USING (service, from_activity)
    WHERE (activity = '' OR stage = activity OR stage = '') AND entered_at < toDateTime64(concat(toString({until: Date32}), ' 00:00:00'), 6, {zone: String})
    AND (empty({service: Array(String)}) OR service IN {service: Array(String)})
    AND (empty({department: Array(String)}) OR department IN {department: Array(String)})
    AND (empty({district: Array(String)}) OR district IN {district: Array(String)})
    AND (empty({channel: Array(String)}) OR channel IN {channel: Array(String)})
    AND (empty({team: Array(String)}) OR team IN {team: Array(String)})
  ),
  turns AS
  (
    SELECT
      service, stage, district, channel, team, subtype, turn.1 AS sign, turn.2 AS moment,
      intDiv(toInt32(toDate32(moment, {zone: String})) + 3, 7) AS week,
      dateDiff('microsecond', moment, toDateTime64(concat(toString(toDate32(week * 7 + 4)), ' 00:00:00'), 6, {zone: String})) / 3.6e9 AS rest_hours,
      share
    FROM moves
    ARRAY JOIN [(1, entered), (-1, left)] AS turn
    WHERE moment < toDateTime64(concat(toString({until: Date32}), ' 00:00:00'), 6, {zone: String})
  ),
  cells AS
  (
    SELECT
      service, stage, district, channel, team, subtype, week,
      sumIf(share, sign > 0) AS entries,
      sumIf(share, sign < 0) AS exits,
      sum(share * sign * rest_hours) AS spent
    FROM turns
    GROUP BY service, stage, district, channel, team, subtype, week
  ),
  weeks AS
  (
    SELECT service, stage, facet.1 AS dimension, facet.2 AS value, week, sum(entries) AS came, sum(exits) AS went, sum(spent) AS hours
    FROM cells
    ARRAY JOIN [('', ''), ('district', toString(district)), ('channel', toString(channel)), ('team', toString(team)), ('subtype', toString(subtype))] AS facet
    WHERE facet.1 = '' OR facet.2 != ''
    GROUP BY service, stage, dimension, value, week
    ORDER BY service, stage, dimension, value, week
  )
SELECT service, stage, dimension, value, groupArray(week) AS week, groupArray(came) AS came, groupArray(went) AS went, groupArray(hours) AS hours
FROM weeks
WHERE stage != ''
GROUP BY service, stage, dimension, value
ORDER BY service, stage, dimension, value
