-- Visits to every stage by the week in which they ended, for all of them and for every district, channel, team and subtype.
-- Touch and stay are logarithms of worked minutes, less the mean of the same kind of case at the same stage: a change of
-- the mix of cases is no change of pace. Weeks begin on Monday and are numbered from 29 December 1969.
WITH
  cells AS
  (
    SELECT
      service, activity AS stage, district, channel, team, subtype, repetition > 1 AS again,
      intDiv(toInt32(toDate32(left_at, {zone: String})) + 3, 7) AS week,
      count() AS n,
      countIf(started_at IS NOT NULL AND touch_worked_us IS NOT NULL) AS told,
      sumIf(log(1 + touch_worked_us / 60e6), started_at IS NOT NULL) AS touch,
      countIf(position > 1 AND touch_worked_us IS NOT NULL) AS stays,
      sumIf(log(1 + (wait_worked_us + touch_worked_us) / 60e6), position > 1) AS stay,
      countIf(paused_us > 0) AS paused,
      sum(paused_us) / 3.6e9 AS paused_hours,
      sumIf(log(1 + paused_us / 60e6), paused_us > 0) AS pause
    FROM stage_visits
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
      sum(if(stays = 0, 0, stay - stays * usual_stay)) AS stay_above,
      sum(paused) AS paused_visits,
      sum(paused_hours) AS hours_paused,
      sum(pause) AS pause_log
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
  groupArray(stay_above) AS stay,
  groupArray(paused_visits) AS paused,
  groupArray(hours_paused) AS paused_hours,
  groupArray(pause_log) AS pause
FROM weeks
GROUP BY service, stage, dimension, value
ORDER BY service, stage, dimension, value
