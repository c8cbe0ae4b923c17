-- How long cases closed in the period took and whether they kept their promise, of every group (a district, a channel, or those with
-- and without digital access) and of all others, by kind of case and for all kinds: seconds, pauses taken out. Medians are R type 7.
WITH
  chosen AS
  (
    SELECT
      multiIf({dimension: String} = 'district', district, {dimension: String} = 'channel', channel, channel = '', '', channel IN (SELECT id FROM channels FINAL WHERE digital = 1), 'digital', 'other') AS segment,
      if({by_subtype: UInt8} = 1, subtype, service) AS stratum,
      (toUnixTimestamp64Micro(assumeNotNull(closed_at)) - toUnixTimestamp64Micro(started_at) - paused_us) / 1e6 AS took,
      due_at IS NOT NULL AS due,
      ifNull(closed_at <= extended_due_at, 0) AS on_time
    FROM cases
    WHERE closed_at >= toDateTime64(concat(toString({from: Date32}), ' 00:00:00'), 6, {zone: String}) AND closed_at < toDateTime64(concat(toString({until: Date32}), ' 00:00:00'), 6, {zone: String})
      AND ({only_due: UInt8} = 0 OR due_at IS NOT NULL)
      AND (empty({service: Array(String)}) OR service IN {service: Array(String)})
      AND (empty({department: Array(String)}) OR department IN {department: Array(String)})
      AND (empty({district: Array(String)}) OR district IN {district: Array(String)})
      AND (empty({channel: Array(String)}) OR channel IN {channel: Array(String)})
      AND (empty({team: Array(String)}) OR team IN {team: Array(String)})
  ),
  (SELECT groupArray(segment) FROM (SELECT segment FROM chosen WHERE segment != '' GROUP BY segment HAVING count() >= {fewest: UInt32} ORDER BY count() DESC, segment LIMIT 100)) AS groups
SELECT
  segment, rest, whole, stratum, n, due, on_time,
  arrayReduce('quantileExactInclusive(0.5)', sorted) AS median,
  toInt64(floor((n + 1) / 2 - 1.959964 * sqrt(n) / 2)) AS below,
  if(below < 1, NULL, sorted[below]) AS median_low,
  if(below < 1, NULL, sorted[n + 1 - below]) AS median_high
FROM
(
  SELECT
    of_group AS segment, own_segment != of_group AS rest, grouping(own_stratum) AS whole, own_stratum AS stratum,
    count() AS n, sum(own_due) AS due, sum(own_on_time) AS on_time, arraySort(groupArray(took)) AS sorted
  FROM (SELECT segment AS own_segment, stratum AS own_stratum, took, due AS own_due, on_time AS own_on_time FROM chosen)
  ARRAY JOIN groups AS of_group
  GROUP BY GROUPING SETS ((of_group, rest, own_stratum), (of_group, rest))
)
ORDER BY segment, rest, whole DESC, stratum
