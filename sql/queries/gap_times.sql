-- How long cases closed in the period took, of every group (a district, a channel, or those with and without digital access) and of all others, by
-- kind of case and for all kinds: seconds, pauses taken out. Medians are R type 7, their ranks those of medianRanks in intervals.ts.
WITH
  chosen AS
  (
    SELECT
      multiIf({dimension: String} = 'district', district, {dimension: String} = 'channel', channel, channel = '', '', channel IN (SELECT id FROM channels FINAL WHERE digital = 1), 'digital', 'other') AS segment,
      if({by_subtype: UInt8} = 1, subtype, service) AS stratum,
      (toUnixTimestamp64Micro(assumeNotNull(closed_at)) - toUnixTimestamp64Micro(started_at) - paused_us) / 1e6 AS took
    FROM cases
    WHERE closed_at >= toDateTime64(concat(toString({from: Date32}), ' 00:00:00'), 6, {zone: String}) AND closed_at < toDateTime64(concat(toString({until: Date32}), ' 00:00:00'), 6, {zone: String})
      AND (empty({service: Array(String)}) OR service IN {service: Array(String)})
      AND (empty({department: Array(String)}) OR department IN {department: Array(String)})
      AND (empty({district: Array(String)}) OR district IN {district: Array(String)})
      AND (empty({channel: Array(String)}) OR channel IN {channel: Array(String)})
      AND (empty({team: Array(String)}) OR team IN {team: Array(String)})
  ),
  (SELECT groupArray(segment) FROM (SELECT segment FROM chosen WHERE segment != '' GROUP BY segment ORDER BY count() DESC, segment LIMIT 100)) AS groups
SELECT
  segment, rest, whole, stratum, n,
  arrayReduce('quantileExactInclusive(0.5)', sorted) AS median,
  toInt64(floor((n + 1) / 2 - 1.959964 * sqrt(n) / 2)) AS below,
  if(below < 1, NULL, sorted[below]) AS median_low,
  if(below < 1, NULL, sorted[n + 1 - below]) AS median_high
FROM
(
  SELECT
    of_group AS segment, own_segment != of_group AS rest, grouping(own_stratum) AS whole, own_stratum AS stratum,
    arraySort(groupArrayArray(own)) AS sorted, length(sorted) AS n
  -- gathered before they are counted for every group: as many rows as groups and kinds, not as cases
  FROM (SELECT segment AS own_segment, stratum AS own_stratum, groupArray(took) AS own FROM chosen GROUP BY own_segment, own_stratum)
  ARRAY JOIN groups AS of_group
  GROUP BY GROUPING SETS ((of_group, rest, own_stratum), (of_group, rest))
)
ORDER BY segment, rest, whole DESC, stratum
