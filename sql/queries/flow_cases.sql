-- Cases begun and ended in each bucket of the period, those open at its end, and how long they had been open by then. Buckets are
-- numbered from 0; {ends} are their first days that no longer count. Ages end where what is known of their source ends.
WITH
  (SELECT arrayMap(e -> toUnixTimestamp64Micro(toDateTime64(concat(toString(e), ' 00:00:00'), 6, {zone: String})), {ends: Array(Date32)})) AS end_us,
  day -> toInt32(multiIf({grain: String} = 'day', toInt32(day), {grain: String} = 'week', intDiv(toInt32(day) + 3, 7), toYear(day) * 12 + toMonth(day))) AS number,
  day -> if(day >= {until: Date32}, toInt32(length(end_us)), number(day) - number({from: Date32})) AS place
-- kinds of turns: 0 a case came, 1 one ended, 2 one is open at the end of a bucket
SELECT
  bucket,
  countIf(kind = 0) AS arrivals,
  countIf(kind = 1) AS departures,
  countIf(kind = 2) AS backlog,
  quantilesExactInclusiveIf(0.5, 0.9)(age_us, kind = 2) AS quantiles,
  if(backlog = 0, NULL, quantiles[1] / 8.64e10) AS median_days,
  if(backlog = 0, NULL, quantiles[2] / 8.64e10) AS p90_days,
  if(backlog = 0, NULL, maxIf(age_us, kind = 2) / 8.64e10) AS oldest_days,
  arrayMap((a, b) -> a - b, bands, arrayPushBack(arrayPopFront(bands), 0)) AS by_days,
  [countIf(kind = 2 AND age_us >= 0), countIf(kind = 2 AND age_us >= 7 * 8.64e10), countIf(kind = 2 AND age_us >= 30 * 8.64e10), countIf(kind = 2 AND age_us >= 90 * 8.64e10)] AS bands,
  countIf(kind = 2 AND promised_us IS NOT NULL AND age_us <= promised_us) AS within,
  countIf(kind = 2 AND age_us > promised_us AND age_us <= 2 * promised_us) AS over,
  countIf(kind = 2 AND age_us > promised_us AND age_us > 2 * promised_us) AS twice,
  countIf(kind = 2 AND promised_us IS NULL) AS unpromised
FROM
(
  SELECT turn.1 AS bucket, turn.2 AS kind, greatest(toInt64(0), least(end_us[bucket + 1], known_us) - started_us) AS age_us, promised_us
  FROM
  (
    SELECT
      toUnixTimestamp64Micro(started_at) AS started_us,
      toUnixTimestamp64Micro(extended_due_at) - started_us AS promised_us,
      toDate32(started_at, {zone: String}) AS started_on,
      place(started_on) AS came_in,
      place(if(closed_at IS NULL, {until: Date32}, toDate32(assumeNotNull(closed_at), {zone: String}))) AS went_in,
      transform(source, {source_ids: Array(String)}, {source_ends: Array(Int64)}, toInt64(0)) AS known_us
    FROM cases
    WHERE started_at < toDateTime64(concat(toString({until: Date32}), ' 00:00:00'), 6, {zone: String})
      AND (closed_at IS NULL OR closed_at >= toDateTime64(concat(toString({from: Date32}), ' 00:00:00'), 6, {zone: String}))
      AND (empty({service: Array(String)}) OR service IN {service: Array(String)})
      AND (empty({department: Array(String)}) OR department IN {department: Array(String)})
      AND (empty({district: Array(String)}) OR district IN {district: Array(String)})
      AND (empty({channel: Array(String)}) OR channel IN {channel: Array(String)})
      AND (empty({team: Array(String)}) OR team IN {team: Array(String)})
  )
  ARRAY JOIN arrayConcat(
    if(started_on >= {from: Date32}, [(came_in, 0)], []),
    if(went_in < length(end_us), [(went_in, 1)], []),
    arrayMap(b -> (b, 2), range(greatest(toInt32(0), came_in), went_in))
  ) AS turn
)
GROUP BY bucket
ORDER BY bucket
