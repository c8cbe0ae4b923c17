-- When cases come to one stage and when they leave it in the period: by weekday (1 is Monday) and hour of the day. Of the cases that are open only those that were begun there are known to have come.
SELECT
  toDayOfWeek(moment, 0, {zone: String}) AS weekday,
  toHour(moment, {zone: String}) AS hour,
  countIf(sign > 0) AS came,
  countIf(sign < 0) AS went
FROM
(
  SELECT turn.1 AS sign, turn.2 AS moment
  FROM stage_visits
  ARRAY JOIN [(1, entered_at), (-1, left_at)] AS turn
  WHERE position > 1 AND service = {one_service: String} AND activity = {stage: String}
    AND left_at >= toDateTime64(concat(toString({from: Date32}), ' 00:00:00'), 6, {zone: String})
    AND (empty({service: Array(String)}) OR service IN {service: Array(String)})
    AND (empty({department: Array(String)}) OR department IN {department: Array(String)})
    AND (empty({district: Array(String)}) OR district IN {district: Array(String)})
    AND (empty({channel: Array(String)}) OR channel IN {channel: Array(String)})
    AND (empty({team: Array(String)}) OR team IN {team: Array(String)})
  UNION ALL
  SELECT 1, entered_at
  FROM open_visits
  WHERE position > 1 AND service = {one_service: String} AND activity = {stage: String}
    AND (empty({service: Array(String)}) OR service IN {service: Array(String)})
    AND (empty({department: Array(String)}) OR department IN {department: Array(String)})
    AND (empty({district: Array(String)}) OR district IN {district: Array(String)})
    AND (empty({channel: Array(String)}) OR channel IN {channel: Array(String)})
    AND (empty({team: Array(String)}) OR team IN {team: Array(String)})
)
WHERE moment >= toDateTime64(concat(toString({from: Date32}), ' 00:00:00'), 6, {zone: String}) AND moment < toDateTime64(concat(toString({until: Date32}), ' 00:00:00'), 6, {zone: String})
GROUP BY weekday, hour
ORDER BY weekday, hour
