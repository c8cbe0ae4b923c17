-- The visits of some months by the week in which they ended: on which days, and how long each was.
SELECT
  toYYYYMM(left_at) AS month,
  service, activity AS stage,
  intDiv(toInt32(day) + 3, 7) AS week,
  sumForEach(arrayMap(weekday -> toUInt64(toInt32(day) + 3 - week * 7 = weekday), range(7))) AS on_days,
  groupArrayIf(assumeNotNull(wait_worked_us + touch_worked_us), position > 1 AND wait_worked_us IS NOT NULL) AS stay_us
FROM
(
  SELECT *, toDate32(left_at, {zone: String}) AS day
  FROM stage_visits
  WHERE toYYYYMM(left_at) IN {months: Array(UInt32)}
    AND (empty({service: Array(String)}) OR service IN {service: Array(String)})
    AND (empty({department: Array(String)}) OR department IN {department: Array(String)})
    AND (empty({district: Array(String)}) OR district IN {district: Array(String)})
    AND (empty({channel: Array(String)}) OR channel IN {channel: Array(String)})
    AND (empty({team: Array(String)}) OR team IN {team: Array(String)})
)
GROUP BY month, service, stage, week
