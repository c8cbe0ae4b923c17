-- How long people served in the period waited in a queue, of every group and of all others, by service and for all services: seconds. Where
-- nobody waited in a queue, the delay of vehicles, early counted as none.
WITH
  chosen AS
  (
    SELECT
      multiIf({dimension: String} = 'district', district, {dimension: String} = 'channel', channel, channel = '', '', channel IN (SELECT id FROM channels FINAL WHERE digital = 1), 'digital', 'other') AS segment,
      service AS stratum,
      greatest(assumeNotNull(wait_ms), 0) / 1000 AS took,
      kind = 'wait' AS queued
    FROM current_waits
    WHERE status = 'served' AND wait_ms IS NOT NULL
      AND asked_at >= toDateTime64(concat(toString({from: Date32}), ' 00:00:00'), 6, {zone: String}) AND asked_at < toDateTime64(concat(toString({until: Date32}), ' 00:00:00'), 6, {zone: String})
      AND (empty({service: Array(String)}) OR service IN {service: Array(String)})
      AND (empty({department: Array(String)}) OR department IN {department: Array(String)})
      AND (empty({district: Array(String)}) OR district IN {district: Array(String)})
      AND (empty({channel: Array(String)}) OR channel IN {channel: Array(String)})
      AND (empty({team: Array(String)}) OR team IN {team: Array(String)})
    QUALIFY queued OR max(queued) OVER () = 0
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
