-- How many cases entered and left every stage in each week, and the person-hours from then to the end of the week: from these the
-- hours spent in a stage within a week follow by adding up. A case that is open stands before the stages that followed the
-- activity it ended last, each with the share of cases that went there. Who came before the first week came when it began.
WITH
  intDiv(toInt32({since: Date32}) + 3, 7) AS first_week,
  intDiv(toInt32({until: Date32}) + 3, 7) AS end_week,
  toDateTime64(concat(toString({since: Date32}), ' 00:00:00'), 6, {zone: String}) AS first_moment,
  moment -> dateDiff('microsecond', moment, toDateTime64(toDate32(intDiv(toInt32(toDate32(moment, {zone: String})) + 3, 7) * 7 + 4), 6, {zone: String})) / 3.6e9 AS rest_hours,
  followed AS
  (
    -- of all cases, whatever else is chosen
    SELECT service, from_activity, stage, sum(visits) / sum(sum(visits)) OVER (PARTITION BY service, from_activity) AS share
    FROM weekly_ways
    WHERE (empty({service: Array(String)}) OR service IN {service: Array(String)}) AND from_activity != '' AND week >= first_week AND week < end_week
    GROUP BY service, from_activity, stage
  ),
  -- open cases, added up before they are divided among the stages they may stand before
  standing AS
  (
    SELECT
      service, from_activity, activity,
      intDiv(toInt32(toDate32(greatest(entered_at, first_moment), {zone: String})) + 3, 7) AS week,
      multiIf(GROUPING(district) = 0, 'district', GROUPING(channel) = 0, 'channel', GROUPING(team) = 0, 'team', GROUPING(subtype) = 0, 'subtype', '') AS dimension,
      concat(district, channel, team, subtype) AS value,
      count() AS open,
      sum(rest_hours(greatest(entered_at, first_moment))) AS rest
    FROM open_visits
    WHERE entered_at < toDateTime64(concat(toString({until: Date32}), ' 00:00:00'), 6, {zone: String})
    AND (empty({service: Array(String)}) OR service IN {service: Array(String)})
    AND (empty({department: Array(String)}) OR department IN {department: Array(String)})
    AND (empty({district: Array(String)}) OR district IN {district: Array(String)})
    AND (empty({channel: Array(String)}) OR channel IN {channel: Array(String)})
    AND (empty({team: Array(String)}) OR team IN {team: Array(String)})
    GROUP BY GROUPING SETS
    (
      (service, from_activity, activity, week), (service, from_activity, activity, week, district), (service, from_activity, activity, week, channel),
      (service, from_activity, activity, week, team), (service, from_activity, activity, week, subtype)
    )
    HAVING dimension = '' OR value != ''
  ),
  turns AS
  (
    SELECT
      service, stage, dimension, value, greatest(came_week, first_week) AS week, toFloat64(visits) AS entries, 0. AS exits,
      if(came_week < first_week, visits * rest_hours(first_moment), came_rest_us / 3.6e9) AS spent
    FROM weekly_moves
    WHERE (empty({service: Array(String)}) OR service IN {service: Array(String)}) AND left_week >= first_week AND if(from_activity = '', left_week, came_week) < end_week
    UNION ALL
    SELECT service, stage, dimension, value, left_week, 0., toFloat64(visits), -left_rest_us / 3.6e9
    FROM weekly_moves
    WHERE (empty({service: Array(String)}) OR service IN {service: Array(String)}) AND left_week >= first_week AND left_week < end_week
    UNION ALL
    SELECT service, if(activity = '', stage, activity) AS stood, dimension, value, week, open * (if(activity = '', ifNull(share, 0), 1.) AS part), 0., rest * part
    FROM standing
    LEFT JOIN followed USING (service, from_activity)
    WHERE (activity = '' OR stage = activity OR stage = '') AND stood != ''
  )
SELECT service, stage, dimension, value, groupArray(week) AS week, groupArray(came) AS came, groupArray(went) AS went, groupArray(hours) AS hours
FROM
(
  SELECT service, stage, dimension, value, week, sum(entries) AS came, sum(exits) AS went, sum(spent) AS hours
  FROM turns
  GROUP BY service, stage, dimension, value, week
  ORDER BY service, stage, dimension, value, week
)
GROUP BY service, stage, dimension, value
ORDER BY service, stage, dimension, value
