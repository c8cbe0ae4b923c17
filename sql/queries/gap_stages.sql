-- Where the time of cases closed in the period went, by district, channel and service: cases, their hours on the clock, and the hours between clock start
-- and clock stop at each stage, pauses taken out. The row without a stage is the cases with all of their hours.
WITH
  chosen AS
  (
    SELECT
      cityHash64(source, case_id) AS case_key, district, channel,
      service AS stratum,
      toUnixTimestamp64Micro(started_at) AS began_us,
      toUnixTimestamp64Micro(assumeNotNull(closed_at)) AS closed_us,
      (closed_us - began_us - paused_us) / 3.6e9 AS took
    FROM cases
    WHERE closed_at >= toDateTime64(concat(toString({from: Date32}), ' 00:00:00'), 6, {zone: String}) AND closed_at < toDateTime64(concat(toString({until: Date32}), ' 00:00:00'), 6, {zone: String})
      AND (empty({service: Array(String)}) OR service IN {service: Array(String)})
      AND (empty({department: Array(String)}) OR department IN {department: Array(String)})
      AND (empty({district: Array(String)}) OR district IN {district: Array(String)})
      AND (empty({channel: Array(String)}) OR channel IN {channel: Array(String)})
      AND (empty({team: Array(String)}) OR team IN {team: Array(String)})
  ),
  (SELECT min(began_us) FROM chosen) AS earliest_us
SELECT district, channel, stratum, '' AS stage, count() AS n, sum(took) AS hours
FROM chosen
GROUP BY district, channel, stratum
UNION ALL
SELECT
  district, channel, stratum, stage,
  count() AS n,
  sum(greatest(0, least(left_us, closed_us) - greatest(entered_us, began_us) - still_us)) / 3.6e9 AS hours
FROM
(
  SELECT
    cityHash64(source, case_id) AS visit_key, activity AS stage, paused_us AS still_us,
    toUnixTimestamp64Micro(left_at) AS left_us,
    toUnixTimestamp64Micro(if(position = 1, ifNull(started_at, left_at), entered_at)) AS entered_us
  FROM stage_visits
  WHERE left_at < toDateTime64(concat(toString({until: Date32}), ' 00:00:00'), 6, {zone: String})
    AND left_at >= fromUnixTimestamp64Micro(earliest_us)
    AND (empty({service: Array(String)}) OR service IN {service: Array(String)})
) AS v
INNER JOIN chosen ON chosen.case_key = v.visit_key
GROUP BY district, channel, stratum, stage
ORDER BY district, channel, stratum, stage
