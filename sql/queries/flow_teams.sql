-- How busy the teams behind every stage were, where starts are told: the hours they worked in the period on all their stages, and how
-- many cases they worked on at a time when somebody waited (the ninth tenth of the counts at starts of cases that had waited, as
-- then nobody is idle). Teams without a name are those of a stage.
WITH
  toDateTime64(concat(toString({from: Date32}), ' 00:00:00'), 6, {zone: String}) AS begin,
  least(toDateTime64(concat(toString({until: Date32}), ' 00:00:00'), 6, {zone: String}), fromUnixTimestamp64Micro(arrayMax({source_ends: Array(Int64)}), 'UTC')) AS finish,
  scoped AS
  (
    SELECT service, activity AS stage, team, if(team = '', concat(service, '\n', activity), concat('\n', team)) AS scope, assumeNotNull(started_at) AS begun, left_at AS done, touch_worked_us, wait_worked_us > 300000000 AND position > 1 AS waited
    FROM stage_visits
    WHERE started_at IS NOT NULL AND left_at >= begin AND started_at < finish
    UNION ALL
    SELECT service, activity, team, if(team = '', concat(service, '\n', activity), concat('\n', team)), assumeNotNull(started_at), toDateTime64('2299-12-31 00:00:00', 6, 'UTC'), NULL, 0
    FROM open_visits
    WHERE started_at IS NOT NULL AND started_at < finish
  ),
  people AS
  (
    SELECT scope, count() AS starts, quantileExactLow(0.9)(busy) AS people
    FROM
    (
      SELECT scope, turn.2 AS moment, turn.3 AS waits, sum(turn.1) OVER (PARTITION BY scope ORDER BY turn.2) AS busy
      FROM scoped
      ARRAY JOIN [(1, begun, waited), (-1, done, 0)] AS turn
    )
    WHERE waits AND moment >= begin AND moment < finish
    GROUP BY scope
  ),
  work AS
  (
    SELECT scope, sum(touch_worked_us) / 3.6e9 AS touch_hours
    FROM scoped
    WHERE done >= begin AND done < finish
    GROUP BY scope
  ),
  open_hours AS
  (
    SELECT calendar, sum(arraySum(span -> greatest(0, least(span.2, toUnixTimestamp64Micro(finish)) - greatest(span.1, toUnixTimestamp64Micro(begin))), spans)) / 3.6e9 AS hours
    FROM worked_days FINAL
    WHERE day >= {from: Date32} - 2 AND day <= {until: Date32} + 2
    GROUP BY calendar
  )
SELECT
  service, stage, scope, starts, toUInt32(people) AS people, touch_hours,
  if(calendar = '', dateDiff('microsecond', begin, finish) / 3.6e9, hours) AS open_hours
FROM (SELECT DISTINCT service, stage, scope FROM scoped WHERE done < finish AND (empty({service: Array(String)}) OR service IN {service: Array(String)}) AND (empty({team: Array(String)}) OR team IN {team: Array(String)}) AND ({stage: String} = '' OR stage = {stage: String})) AS asked
INNER JOIN people USING (scope)
INNER JOIN work USING (scope)
LEFT JOIN (SELECT id AS service, calendar FROM services FINAL) AS svc USING (service)
LEFT JOIN open_hours USING (calendar)
ORDER BY service, stage, scope
