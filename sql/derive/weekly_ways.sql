-- The ways of cases in some months, by the week in which the stage they led to was left; whatever else is chosen.
SELECT toYYYYMM(left_at) AS month, service, from_activity, activity AS stage, intDiv(toInt32(toDate32(left_at, {zone: String})) + 3, 7) AS week, count() AS visits
FROM stage_visits
WHERE toYYYYMM(left_at) IN {lagging: Array(UInt32)}
  AND (empty({service: Array(String)}) OR service IN {service: Array(String)})
GROUP BY month, service, from_activity, stage, week
