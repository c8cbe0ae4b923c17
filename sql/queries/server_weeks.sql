-- How many cases a team works on at a time when somebody waits: counted whenever a case is begun that had to wait, as then
-- nobody is idle; the ninth tenth, because some begin late. Teams without a name are those of a stage.
SELECT service, stage, team, groupArray(week) AS week, groupArray(n) AS starts, groupArray(servers) AS servers
FROM
(
  SELECT service, stage, team, intDiv(toInt32(toDate32(moment, {zone: String})) + 3, 7) AS week, count() AS n, quantileExactLow(0.9)(busy) AS servers
  FROM
  (
    SELECT
      service, stage, team, moment, waited,
      sum(sign) OVER (PARTITION BY scope ORDER BY moment) AS busy
    FROM
    (
      SELECT
        service, activity AS stage, team, if(team = '', concat(service, '\n', activity), concat('\n', team)) AS scope,
        turn.1 AS sign, turn.2 AS moment,
        sign > 0 AND wait_worked_us > 300000000 AND position > 1 AS waited
      FROM stage_visits
      ARRAY JOIN [(1, assumeNotNull(started_at)), (-1, left_at)] AS turn
      WHERE started_at IS NOT NULL
        AND left_at >= toDateTime64(concat(toString({since: Date32}), ' 00:00:00'), 6, {zone: String}) AND left_at < toDateTime64(concat(toString({until: Date32}), ' 00:00:00'), 6, {zone: String})
      UNION ALL
      SELECT service, activity, team, if(team = '', concat(service, '\n', activity), concat('\n', team)), 1, assumeNotNull(started_at), 0
      FROM open_visits
      WHERE started_at IS NOT NULL
    )
  )
  WHERE waited AND moment < toDateTime64(concat(toString({until: Date32}), ' 00:00:00'), 6, {zone: String})
    AND (empty({service: Array(String)}) OR service IN {service: Array(String)})
    AND (empty({team: Array(String)}) OR team IN {team: Array(String)})
  GROUP BY service, stage, team, week
  ORDER BY service, stage, team, week
)
GROUP BY service, stage, team
ORDER BY service, stage, team
