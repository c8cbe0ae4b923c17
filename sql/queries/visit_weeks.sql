-- Visits to every stage by the week in which they ended, for all of them and for every district, channel, team and subtype.
-- Touch and stay are logarithms of worked minutes, less the mean of the same kind of case at the same stage: a change of
-- the mix of cases is no change of pace. Weeks begin on Monday and are numbered from 29 December 1969. Where no office hours are
-- declared they are taken to be those in which work is completed: what lies over night was not worked on all night.
WITH
  moment -> toUnixTimestamp(moment) - toUnixTimestamp(toStartOfDay(moment, {zone: String})) AS secondOf,
  -- seconds of the night by service, 0 where the hours are declared
  nights AS
  (
    SELECT
      service,
      if(any(has_hours) = 1, 0, greatest(0, 86400 - (marks[2] - marks[1]))) AS night,
      quantilesExactInclusive(0.02, 0.98)(secondOf(left_at)) AS marks
    FROM stage_visits
    LEFT JOIN (SELECT id, calendar FROM services FINAL) AS svc ON svc.id = stage_visits.service
    LEFT JOIN (SELECT calendar, toUInt8(max(arraySum(span -> span.2 - span.1, spans)) < 72e9) AS has_hours FROM worked_days FINAL GROUP BY calendar) AS hours ON hours.calendar = svc.calendar
    -- one case in sixteen tells the hours as well as all
    WHERE started_at IS NOT NULL AND left_at > started_at AND cityHash64(case_id) % 16 = 0
    GROUP BY service
  ),
  cells AS
  (
    SELECT
      service, activity AS stage, district, channel, team, subtype, repetition > 1 AS again,
      intDiv(toInt32(toDate32(left_at, {zone: String})) + 3, 7) AS week,
      count() AS n,
      countIf(started_at IS NOT NULL AND touch_worked_us IS NOT NULL) AS told,
      sumIf(log(1 + touched / 60), started_at IS NOT NULL) AS touch,
      countIf(position > 1 AND touch_worked_us IS NOT NULL) AS stays,
      sumIf(log(1 + (wait_worked_us + touch_worked_us) / 60e6), position > 1) AS stay
    FROM
    (
      SELECT
        stage_visits.*,
        -- nights within the touch, told by how far the time of day moved
        round((touch_worked_us / 1e6 - (secondOf(left_at) - secondOf(assumeNotNull(started_at)))) / 86400) AS over,
        greatest(60, touch_worked_us / 1e6 - if(started_at IS NULL, 0, over * night)) AS touched
      FROM stage_visits
      LEFT JOIN nights ON nights.service = stage_visits.service
    )
    WHERE left_at >= toDateTime64(concat(toString({since: Date32}), ' 00:00:00'), 6, {zone: String}) AND left_at < toDateTime64(concat(toString({until: Date32}), ' 00:00:00'), 6, {zone: String})
    AND (empty({service: Array(String)}) OR service IN {service: Array(String)})
    AND (empty({department: Array(String)}) OR department IN {department: Array(String)})
    AND (empty({district: Array(String)}) OR district IN {district: Array(String)})
    AND (empty({channel: Array(String)}) OR channel IN {channel: Array(String)})
    AND (empty({team: Array(String)}) OR team IN {team: Array(String)})
    GROUP BY service, stage, district, channel, team, subtype, again, week
  ),
  kinds AS
  (
    SELECT service, stage, district, channel, subtype, again, sum(touch) / sum(told) AS usual_touch, sum(stay) / sum(stays) AS usual_stay
    FROM cells
    GROUP BY service, stage, district, channel, subtype, again
  ),
  weeks AS
  (
    SELECT
      service, stage, facet.1 AS dimension, facet.2 AS value, week,
      sum(n) AS visits,
      sum(told) AS told_visits,
      sum(if(told = 0, 0, touch - told * usual_touch)) AS touch_above,
      sum(stays) AS stayed,
      sum(if(stays = 0, 0, stay - stays * usual_stay)) AS stay_above
    FROM cells
    INNER JOIN kinds USING (service, stage, district, channel, subtype, again)
    ARRAY JOIN [('', ''), ('district', toString(district)), ('channel', toString(channel)), ('team', toString(team)), ('subtype', toString(subtype))] AS facet
    WHERE facet.1 = '' OR facet.2 != ''
    GROUP BY service, stage, dimension, value, week
    ORDER BY service, stage, dimension, value, week
  )
SELECT
  service, stage, dimension, value,
  groupArray(week) AS week,
  groupArray(visits) AS visits,
  groupArray(told_visits) AS told,
  groupArray(touch_above) AS touch,
  groupArray(stayed) AS stays,
  groupArray(stay_above) AS stay
FROM weeks
GROUP BY service, stage, dimension, value
ORDER BY service, stage, dimension, value
