-- Seconds waited by people served in the period. Where a segment holds waits and delays, the waits count, in all buckets.
SELECT bucket, segment, n, median, median_low, median_high, p90, p90_low, p90_high
FROM
(
SELECT
  bucket, segment, n,
  arrayReduce('quantilesExactInclusive(0.5, 0.9)', sorted) AS quantiles,
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
  SELECT
    bucket, segment,
    if(max(waits_n) OVER (PARTITION BY segment) > 0, waits, delays) AS unsorted,
    length(unsorted) AS n,
    arraySort(unsorted) AS sorted
  FROM
  (
    SELECT
      multiIf({grain: String} = 'day', toDate32(asked_at, {zone: String}), {grain: String} = 'week', toMonday(toDate32(asked_at, {zone: String})), {grain: String} = 'month', toStartOfMonth(toDate32(asked_at, {zone: String})), {grain: String} = 'quarter', toStartOfQuarter(toDate32(asked_at, {zone: String})), if(toDate32(asked_at, {zone: String}) >= {from: Date32} AND toDate32(asked_at, {zone: String}) < {until: Date32}, {from: Date32}, {before_from: Date32})) AS bucket,
      multiIf({dimension: String} = 'service', service, {dimension: String} = 'department', department, {dimension: String} = 'district', district, {dimension: String} = 'channel', channel, {dimension: String} = 'team', team, {dimension: String} = 'service and district', toLowCardinality(concat(service, '\n', district)), {dimension: String} = 'service and channel', toLowCardinality(concat(service, '\n', channel)), '') AS segment,
      countIf(kind = 'wait') AS waits_n,
      groupArrayIf(wait_ms / 1000, kind = 'wait') AS waits,
      groupArrayIf(greatest(wait_ms, 0) / 1000, kind = 'delay') AS delays
    FROM current_waits
    WHERE status = 'served' AND wait_ms IS NOT NULL
      AND ((asked_at >= toDateTime64(concat(toString({from: Date32}), ' 00:00:00'), 6, {zone: String}) AND asked_at < toDateTime64(concat(toString({until: Date32}), ' 00:00:00'), 6, {zone: String})) OR (asked_at >= toDateTime64(concat(toString({before_from: Date32}), ' 00:00:00'), 6, {zone: String}) AND asked_at < toDateTime64(concat(toString({before_until: Date32}), ' 00:00:00'), 6, {zone: String})))
      AND (empty({service: Array(String)}) OR service IN {service: Array(String)})
      AND (empty({department: Array(String)}) OR department IN {department: Array(String)})
      AND (empty({district: Array(String)}) OR district IN {district: Array(String)})
      AND (empty({channel: Array(String)}) OR channel IN {channel: Array(String)})
      AND (empty({team: Array(String)}) OR team IN {team: Array(String)})
    GROUP BY bucket, segment
  )
)
)
ORDER BY bucket, segment
