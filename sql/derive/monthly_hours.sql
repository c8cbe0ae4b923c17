-- When on the day work was completed in some months, of one case in sixteen of every service; whatever else is chosen.
SELECT
  toYYYYMM(left_at) AS month,
  service,
  groupArray(toUInt32(toUnixTimestamp(left_at) - toUnixTimestamp(toStartOfDay(left_at, {zone: String})))) AS ended_at
FROM stage_visits
WHERE started_at IS NOT NULL AND left_at > started_at AND cityHash64(case_id) % 16 = 0
  AND toYYYYMM(left_at) IN {lagging: Array(UInt32)}
  AND (empty({service: Array(String)}) OR service IN {service: Array(String)})
GROUP BY month, service
