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
      groupArray((team, week, visits, told, touch, stayed, stay)) AS cells
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
      service, stage, district, channel, subtype, cell.1 AS team, cell.2 AS week, cell.3 AS n, cell.4 AS told_n, cell.6 AS stayed_n,
      if(told_n = 0, 0, cell.5 - told_n * usual_touch) AS touch_above,
      if(stayed_n = 0, 0, cell.7 - stayed_n * usual_stay) AS stay_above
    FROM kinds
    ARRAY JOIN cells AS cell
  ),
  weeks AS
  (
    SELECT
      service, stage, facet.1 AS dimension, facet.2 AS value, week,
      sum(n) AS visits, sum(told_n) AS told, sum(touch_above) AS touch, sum(stayed_n) AS stays, sum(stay_above) AS stay
    FROM above
    ARRAY JOIN [('', ''), ('district', toString(district)), ('channel', toString(channel)), ('team', toString(team)), ('subtype', toString(subtype))] AS facet
    WHERE facet.1 = '' OR facet.2 != ''
    GROUP BY service, stage, dimension, value, week
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
