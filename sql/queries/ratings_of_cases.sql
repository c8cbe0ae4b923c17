-- Answers joined to the case they belong to: by days from asking to the outcome, and by outcome. An answer belongs to the case
-- of its own source; of another source's only when no two sources use that id in the service.
SELECT
  band, outcome, count() AS answered, countIf(rating >= 4) AS satisfied
FROM
(
  SELECT
    rating, o.outcome AS stated,
    own.case_id != '' AS is_own,
    if(is_own, own.outcome, only.outcome) AS case_outcome,
    if(is_own, own.closed_at, only.closed_at) AS closed_at,
    if(is_own, own.on_clock_us, only.on_clock_us) / 8.64e10 AS days,
    if(stated = '', case_outcome, stated) AS outcome,
    if((own.case_id = '' AND only.case_id = '') OR closed_at IS NULL, -1, arrayFirstIndex(until -> days < until, {bands: Array(Float64)})) AS band
  FROM
  (
    SELECT * FROM current_outcomes
    WHERE at >= toDateTime64(concat(toString({from: Date32}), ' 00:00:00'), 6, {zone: String}) AND at < toDateTime64(concat(toString({until: Date32}), ' 00:00:00'), 6, {zone: String}) AND rating IS NOT NULL
      AND (empty({service: Array(String)}) OR service IN {service: Array(String)})
      AND (empty({department: Array(String)}) OR department IN {department: Array(String)})
      AND (empty({district: Array(String)}) OR district IN {district: Array(String)})
      AND (empty({channel: Array(String)}) OR channel IN {channel: Array(String)})
      AND (empty({team: Array(String)}) OR team IN {team: Array(String)})
  ) AS o
  LEFT JOIN
  (
    SELECT source, service, case_id, outcome, closed_at, toUnixTimestamp64Micro(assumeNotNull(closed_at)) - toUnixTimestamp64Micro(started_at) - paused_us AS on_clock_us
    FROM cases
    WHERE case_id IN (SELECT case_id FROM current_outcomes WHERE rating IS NOT NULL AND at >= toDateTime64(concat(toString({from: Date32}), ' 00:00:00'), 6, {zone: String}) AND at < toDateTime64(concat(toString({until: Date32}), ' 00:00:00'), 6, {zone: String}))
  ) AS own ON own.source = o.source AND own.service = o.service AND own.case_id = o.case_id
  LEFT JOIN
  (
    SELECT service, case_id, any(c.outcome) AS outcome, anyRespectNulls(c.closed_at) AS closed_at, any(toUnixTimestamp64Micro(assumeNotNull(c.closed_at)) - toUnixTimestamp64Micro(c.started_at) - c.paused_us) AS on_clock_us
    FROM cases AS c
    WHERE case_id IN (SELECT case_id FROM current_outcomes WHERE rating IS NOT NULL AND at >= toDateTime64(concat(toString({from: Date32}), ' 00:00:00'), 6, {zone: String}) AND at < toDateTime64(concat(toString({until: Date32}), ' 00:00:00'), 6, {zone: String}))
    GROUP BY service, case_id
    HAVING count() = 1
  ) AS only ON only.service = o.service AND only.case_id = o.case_id
)
GROUP BY band, outcome
ORDER BY band, outcome
