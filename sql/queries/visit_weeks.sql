-- Visits to every stage by the week in which they ended, for all of them and for every district, channel, team and subtype.
-- Touch and stay are logarithms of worked minutes, less the mean of the same kind of case at the same stage: a change of
-- the mix of cases is no change of pace. Weeks begin on Monday and are numbered from 29 December 1969. Where no office hours are
-- declared they are taken to be those in which work is completed: what lies over night was not worked on all night.
WITH
  -- seconds of the night by service, 0 where the hours are declared; of all its cases, whatever else is chosen
  nights AS
  (
    SELECT
      service,
      if(any(has_hours) = 1, 0, greatest(0, 86400 - (marks[2] - marks[1]))) AS night,
      quantilesExactInclusiveArray(0.02, 0.98)(ended_at) AS marks
    FROM monthly_hours
    LEFT JOIN (SELECT id, calendar FROM services FINAL) AS svc ON svc.id = monthly_hours.service
    LEFT JOIN (SELECT calendar, toUInt8(max(arraySum(span -> span.2 - span.1, spans)) < 72e9) AS has_hours FROM worked_days FINAL GROUP BY calendar) AS hours ON hours.calendar = svc.calendar
    WHERE (empty({service: Array(String)}) OR service IN {service: Array(String)})
    GROUP BY service
  ),
  kinds AS
  (
    SELECT
      service, stage, district, channel, subtype,
      sum(touch) / sum(told) AS usual_touch,
      sum(stay) / sum(stayed) AS usual_stay,
      groupArray(team) AS teams, groupArray(week) AS weeks, groupArray(visits) AS each_visits, groupArray(told) AS each_told, groupArray(touch) AS each_touch,
      groupArray(stayed) AS each_stayed, groupArray(stay) AS each_stay
    FROM
    (
      SELECT
        service, stage, district, channel, subtype, again, team, week, visits, told, stayed, stay,
        weekly_visits.touch + arraySum(each -> log(1 + greatest(60, each.1 / 1e6 - each.2 * night) / 60), overnight) AS touch
      FROM weekly_visits
      LEFT JOIN nights USING (service)
      WHERE (empty({service: Array(String)}) OR service IN {service: Array(String)}) AND week >= intDiv(toInt32({since: Date32}) + 3, 7) AND week < intDiv(toInt32({until: Date32}) + 3, 7)
    )
    GROUP BY service, stage, district, channel, subtype, again
  ),
  above AS
  (
    SELECT
      service, stage, district, channel, subtype, team, week, n, told_n, stayed_n,
      if(told_n = 0, 0, touch_n - told_n * usual_touch) AS touch_above,
      if(stayed_n = 0, 0, stay_n - stayed_n * usual_stay) AS stay_above
    FROM kinds
    ARRAY JOIN teams AS team, weeks AS week, each_visits AS n, each_told AS told_n, each_touch AS touch_n, each_stayed AS stayed_n, each_stay AS stay_n
  ),
  weeks AS
  (
    SELECT
      service, stage, week,
      multiIf(GROUPING(district) = 0, 'district', GROUPING(channel) = 0, 'channel', GROUPING(team) = 0, 'team', GROUPING(subtype) = 0, 'subtype', '') AS dimension,
      concat(district, channel, team, subtype) AS value,
      sum(n) AS visits, sum(told_n) AS told, sum(touch_above) AS touch, sum(stayed_n) AS stays, sum(stay_above) AS stay
    FROM above
    GROUP BY GROUPING SETS
    (
      (service, stage, week), (service, stage, week, district), (service, stage, week, channel), (service, stage, week, team), (service, stage, week, subtype)
    )
    HAVING dimension = '' OR value != ''
    ORDER BY service, stage, dimension, value, week
  )
SELECT
  service, stage, dimension, value,
  groupArray(weeks.week) AS week,
  groupArray(weeks.visits) AS visits,
  groupArray(weeks.told) AS told,
  groupArray(weeks.touch) AS touch,
  groupArray(weeks.stays) AS stays,
  groupArray(weeks.stay) AS stay
FROM weeks
GROUP BY service, stage, dimension, value
ORDER BY service, stage, dimension, value
