-- Seconds that the cases open at the end of each bucket had been open by then (or by the end of what is known of their
-- source), how many are past their due time, and how many are open for more than 52 weeks. {ends} are first days that no longer count.
SELECT bucket, segment, n, promised, overdue, over_52_weeks, median, median_low, median_high, p90, p90_low, p90_high, p92
FROM
(
SELECT
  bucket, segment, n, promised, overdue,
  arrayCount(age -> age > 52 * 7 * 86400, sorted) AS over_52_weeks,
  arrayReduce('quantilesExactInclusive(0.5, 0.9, 0.92)', sorted) AS quantiles,
  if(n = 0, NULL, quantiles[3]) AS p92,
  if(n = 0, NULL, quantiles[1]) AS median,
  toInt64(floor(n * 0.5 - 1.96 * sqrt(n * 0.25))) AS median_below,
  toInt64(ceil(n * 0.5 + 1.96 * sqrt(n * 0.25))) + 1 AS median_above,
  if(median_below < 1 OR median_above > n, NULL, sorted[median_below]) AS median_low,
  if(median_below < 1 OR median_above > n, NULL, sorted[median_above]) AS median_high,
  if(n = 0, NULL, quantiles[2]) AS p90,
  toInt64(floor(n * 0.9 - 1.96 * sqrt(n * 0.09))) AS p90_below,
  toInt64(ceil(n * 0.9 + 1.96 * sqrt(n * 0.09))) + 1 AS p90_above,
  if(p90_below < 1 OR p90_above > n, NULL, sorted[p90_below]) AS p90_low,
  if(p90_below < 1 OR p90_above > n, NULL, sorted[p90_above]) AS p90_high
FROM
(
  WITH least(toUnixTimestamp64Micro(end_at), transform(source, {source_ids: Array(String)}, {source_ends: Array(Int64)}, toInt64(0))) AS seen_until
  SELECT
    end AS bucket,
    multiIf({dimension: String} = 'service', service, {dimension: String} = 'department', department, {dimension: String} = 'district', district, {dimension: String} = 'channel', channel, {dimension: String} = 'team', team, {dimension: String} = 'service and district', toLowCardinality(concat(service, '\n', district)), {dimension: String} = 'service and channel', toLowCardinality(concat(service, '\n', channel)), {dimension: String} = 'subtype', subtype, {dimension: String} = 'outcome', outcome, {dimension: String} = 'claimed', claimed, '') AS segment,
    count() AS n,
    countIf(extended_due_at IS NOT NULL) AS promised,
    countIf(seen_until > toUnixTimestamp64Micro(extended_due_at) AND ifNull(paused_since > extended_due_at, 1)) AS overdue,
    arraySort(groupArray(greatest(0, seen_until - toUnixTimestamp64Micro(started_at)) / 1e6)) AS sorted
  FROM
  (
    SELECT * FROM cases
    WHERE started_at < toDateTime64(concat(toString(arrayMax({ends: Array(Date32)})), ' 00:00:00'), 6, {zone: String})
      AND (closed_at IS NULL OR closed_at >= toDateTime64(concat(toString(arrayMin({ends: Array(Date32)})), ' 00:00:00'), 6, {zone: String}))
  )
  ARRAY JOIN
    {ends: Array(Date32)} AS end,
    arrayMap(e -> toDateTime64(concat(toString(e), ' 00:00:00'), 6, {zone: String}), {ends: Array(Date32)}) AS end_at
  WHERE started_at < end_at AND (closed_at IS NULL OR closed_at >= end_at)
    AND (empty({service: Array(String)}) OR service IN {service: Array(String)})
    AND (empty({department: Array(String)}) OR department IN {department: Array(String)})
    AND (empty({district: Array(String)}) OR district IN {district: Array(String)})
    AND (empty({channel: Array(String)}) OR channel IN {channel: Array(String)})
    AND (empty({team: Array(String)}) OR team IN {team: Array(String)})
  GROUP BY bucket, segment
)
)
ORDER BY bucket, segment
