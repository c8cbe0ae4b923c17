-- Kaplan-Meier over cases started in the period; open cases are censored at the end of what is known of their source,
-- or where their clock stands still. Seconds to the minute. A quantile is the first time at which the share still open is at most 1 - q; NULL means not reached. Intervals: Greenwood, log-log.
SELECT
  bucket, segment,
  max(total) AS n,
  sum(closed) AS closed,
  if(countIf(open <= 0.5 + 1e-9) = 0, NULL, minIf(seconds, open <= 0.5 + 1e-9)) AS median,
  if(countIf(open_low <= 0.5) = 0, NULL, minIf(seconds, open_low <= 0.5)) AS median_low,
  if(countIf(open_high <= 0.5) = 0, NULL, minIf(seconds, open_high <= 0.5)) AS median_high,
  if(countIf(open <= 0.1 + 1e-9) = 0, NULL, minIf(seconds, open <= 0.1 + 1e-9)) AS p90,
  if(countIf(open_low <= 0.1) = 0, NULL, minIf(seconds, open_low <= 0.1)) AS p90_low,
  if(countIf(open_high <= 0.1) = 0, NULL, minIf(seconds, open_high <= 0.1)) AS p90_high
FROM
(
  SELECT
    bucket, segment, seconds, closed, total,
    at_risk,
    exp(sum(log(1 - closed / at_risk)) OVER upto) AS open,
    sum(if(closed = at_risk, 0, closed / (at_risk * (at_risk - closed)))) OVER upto AS greenwood,
    sqrt(greenwood) / abs(log(open)) AS se,
    if(open <= 0 OR open >= 1, open, pow(open, exp(1.96 * se))) AS open_low,
    -- once everything is closed the upper limit is not known
    if(open <= 0 OR open >= 1, 1, pow(open, exp(-1.96 * se))) AS open_high
  FROM
  (
    SELECT
      bucket, segment, seconds, closed,
      sum(leaving) OVER (PARTITION BY bucket, segment) AS total,
      sum(leaving) OVER (PARTITION BY bucket, segment ORDER BY seconds DESC ROWS BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW) AS at_risk
    FROM
    (
      SELECT
        multiIf({grain: String} = 'day', toDate32(started_at, {zone: String}), {grain: String} = 'week', toMonday(toDate32(started_at, {zone: String})), {grain: String} = 'month', toStartOfMonth(toDate32(started_at, {zone: String})), {grain: String} = 'quarter', toStartOfQuarter(toDate32(started_at, {zone: String})), if(toDate32(started_at, {zone: String}) >= {from: Date32} AND toDate32(started_at, {zone: String}) < {until: Date32}, {from: Date32}, {before_from: Date32})) AS bucket,
        multiIf({dimension: String} = 'service', service, {dimension: String} = 'department', department, {dimension: String} = 'district', district, {dimension: String} = 'channel', channel, {dimension: String} = 'team', team, {dimension: String} = 'service and district', toLowCardinality(concat(service, '\n', district)), {dimension: String} = 'service and channel', toLowCardinality(concat(service, '\n', channel)), {dimension: String} = 'subtype', subtype, {dimension: String} = 'outcome', outcome, {dimension: String} = 'claimed', claimed, '') AS segment,
        intDiv(greatest(0, coalesce(toUnixTimestamp64Micro(closed_at), toUnixTimestamp64Micro(paused_since), transform(source, {source_ids: Array(String)}, {source_ends: Array(Int64)}, toInt64(0))) - toUnixTimestamp64Micro(started_at) - paused_us), 60000000) * 60 AS seconds,
        count(closed_at) AS closed,
        count() AS leaving
      FROM cases
      WHERE ((started_at >= toDateTime64(concat(toString({from: Date32}), ' 00:00:00'), 6, {zone: String}) AND started_at < toDateTime64(concat(toString({until: Date32}), ' 00:00:00'), 6, {zone: String})) OR (started_at >= toDateTime64(concat(toString({before_from: Date32}), ' 00:00:00'), 6, {zone: String}) AND started_at < toDateTime64(concat(toString({before_until: Date32}), ' 00:00:00'), 6, {zone: String})))
        AND (empty({service: Array(String)}) OR service IN {service: Array(String)})
        AND (empty({department: Array(String)}) OR department IN {department: Array(String)})
        AND (empty({district: Array(String)}) OR district IN {district: Array(String)})
        AND (empty({channel: Array(String)}) OR channel IN {channel: Array(String)})
        AND (empty({team: Array(String)}) OR team IN {team: Array(String)})
      GROUP BY bucket, segment, seconds
    )
  )
  WINDOW upto AS (PARTITION BY bucket, segment ORDER BY seconds ROWS BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW)
)
GROUP BY bucket, segment
ORDER BY bucket, segment
