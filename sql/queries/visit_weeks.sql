-- Visits to every stage by the week in which they ended, for all of them and for every district, channel, team and subtype.
-- Touch and stay are logarithms of worked minutes, less the mean of the same kind of case at the same stage: a change of
-- the mix of cases is no change of pace. Weeks begin on Monday and are numbered from 29 December 1969. Where no office hours are
-- declared they are taken to be those in which work is completed: what lies over night was not worked on all night.
WITH
  intDiv(toInt32({since: Date32}) + 3, 7) AS first_week,
  intDiv(toInt32({until: Date32}) + 3, 7) AS end_week,
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
  -- of every kind of case and team the numbers of all weeks: rows by weeks are many
  parts AS
  (
    SELECT
      service, stage, district, channel, subtype, again, team,
      sumResample(first_week, end_week, 1)(visits, week) AS n,
      sumResample(first_week, end_week, 1)(told, week) AS told_n,
      sumResample(first_week, end_week, 1)(weekly_visits.touch + arraySum(each -> log(1 + greatest(60, each.1 / 1e6 - each.2 * night) / 60), overnight), week) AS touch_n,
      sumResample(first_week, end_week, 1)(stayed, week) AS stayed_n,
      sumResample(first_week, end_week, 1)(stay, week) AS stay_n
    FROM weekly_visits
    LEFT JOIN nights USING (service)
    WHERE (empty({service: Array(String)}) OR service IN {service: Array(String)}) AND week >= first_week AND week < end_week
    GROUP BY service, stage, district, channel, subtype, again, team
  ),
  above AS
  (
    SELECT
      service, stage, district, channel, subtype, team, n, told_n, stayed_n,
      sum(arraySum(touch_n)) OVER kind / sum(arraySum(told_n)) OVER kind AS usual_touch,
      sum(arraySum(stay_n)) OVER kind / sum(arraySum(stayed_n)) OVER kind AS usual_stay,
      arrayMap((sum, number) -> if(number = 0, 0, sum - number * usual_touch), touch_n, told_n) AS touch_above,
      arrayMap((sum, number) -> if(number = 0, 0, sum - number * usual_stay), stay_n, stayed_n) AS stay_above
    FROM parts
    WINDOW kind AS (PARTITION BY service, stage, district, channel, subtype, again)
  ),
  facets AS
  (
    SELECT
      service, stage,
      multiIf(GROUPING(district) = 0, 'district', GROUPING(channel) = 0, 'channel', GROUPING(team) = 0, 'team', GROUPING(subtype) = 0, 'subtype', '') AS dimension,
      concat(district, channel, team, subtype) AS value,
      sumForEach(n) AS each_n, sumForEach(told_n) AS each_told, sumForEach(touch_above) AS each_touch, sumForEach(stayed_n) AS each_stayed, sumForEach(stay_above) AS each_stay,
      arrayFilter((place, number) -> number > 0, arrayEnumerate(each_n), each_n) AS places
    FROM above
    GROUP BY GROUPING SETS ((service, stage), (service, stage, district), (service, stage, channel), (service, stage, team), (service, stage, subtype))
    HAVING dimension = '' OR value != ''
  )
SELECT
  service, stage, dimension, value,
  arrayMap(place -> toInt32(first_week + place - 1), places) AS week,
  arrayMap(place -> each_n[place], places) AS visits,
  arrayMap(place -> each_told[place], places) AS told,
  arrayMap(place -> each_touch[place], places) AS touch,
  arrayMap(place -> each_stayed[place], places) AS stays,
  arrayMap(place -> each_stay[place], places) AS stay
FROM facets
ORDER BY service, stage, dimension, value
