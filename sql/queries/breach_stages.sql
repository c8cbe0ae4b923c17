-- The days by which cases were late, divided over their stages by what each took above its budget: the usual time there (the median of
-- the cases that kept the promise in the last year), all of a case's budgets scaled to the time it had. Late is what closed after its
-- due time in the period, and what was open and overdue at its end. {extended}: due times with agreed extensions, pauses not counted.
WITH
  toDateTime64(concat(toString({from: Date32}), ' 00:00:00'), 6, {zone: String}) AS begin,
  toDateTime64(concat(toString({until: Date32}), ' 00:00:00'), 6, {zone: String}) AS finish,
  toDateTime64(concat(toString({since: Date32}), ' 00:00:00'), 6, {zone: String}) AS year_before,
  followed AS
  (
    SELECT service, from_activity, activity AS next, count() / sum(count()) OVER (PARTITION BY service, from_activity) AS share
    FROM stage_visits
    WHERE position > 1 AND left_at >= year_before AND left_at < finish
      AND (empty({service: Array(String)}) OR service IN {service: Array(String)})
    GROUP BY service, from_activity, next
  ),
  kept AS
  (
    SELECT source, case_id
    FROM cases
    WHERE closed_at >= year_before AND closed_at < finish AND closed_at <= if({extended: UInt8} = 1, extended_due_at, due_at)
      AND (empty({service: Array(String)}) OR service IN {service: Array(String)})
  ),
  usual AS
  (
    SELECT service, stage, quantileExactInclusive(0.5)(stay_us) AS usual_us
    FROM
    (
      SELECT service, activity AS stage, sum(toUnixTimestamp64Micro(left_at) - toUnixTimestamp64Micro(if(position = 1, ifNull(started_at, left_at), entered_at)) - if({extended: UInt8} = 1, paused_us, 0)) AS stay_us
      FROM stage_visits
      WHERE (source, case_id) IN (SELECT source, case_id FROM kept)
      GROUP BY source, case_id, service, stage
    )
    GROUP BY service, stage
  ),
  late AS
  (
    SELECT
      source, case_id, service, closed, over_us, end_us, case_paused_us
    FROM
    (
      SELECT
        source, case_id, service, paused_us AS case_paused_us,
        ifNull(closed_at < finish, 0) AS closed,
        toUnixTimestamp64Micro(finish) AS finish_us,
        transform(source, {source_ids: Array(String)}, {source_ends: Array(Int64)}, toInt64(0)) AS known_us,
        toUnixTimestamp64Micro(assumeNotNull(if({extended: UInt8} = 1, extended_due_at, due_at))) AS due_us,
        multiIf(
          closed, toUnixTimestamp64Micro(assumeNotNull(closed_at)),
          {extended: UInt8} = 1 AND paused_since IS NOT NULL, least(finish_us, known_us, toUnixTimestamp64Micro(assumeNotNull(paused_since))),
          least(finish_us, known_us)) AS end_us,
        end_us - due_us AS over_us
      FROM cases
      WHERE if({extended: UInt8} = 1, extended_due_at, due_at) IS NOT NULL
        AND started_at < finish AND (closed_at IS NULL OR closed_at >= begin)
        AND (empty({service: Array(String)}) OR service IN {service: Array(String)})
        AND (empty({department: Array(String)}) OR department IN {department: Array(String)})
        AND (empty({district: Array(String)}) OR district IN {district: Array(String)})
        AND (empty({channel: Array(String)}) OR channel IN {channel: Array(String)})
        AND (empty({team: Array(String)}) OR team IN {team: Array(String)})
    )
    WHERE over_us > 0
  ),
  visited AS
  (
    SELECT
      v.source AS source, v.case_id AS case_id, v.activity AS stage, v.paused_us AS visit_paused_us, late.end_us AS end_us,
      toUnixTimestamp64Micro(if(v.position = 1, ifNull(v.started_at, v.left_at), v.entered_at)) AS entered_us,
      greatest(0, least(toUnixTimestamp64Micro(v.left_at), end_us) - entered_us - if({extended: UInt8} = 1, v.paused_us, 0)) AS stay_us
    FROM (SELECT * FROM stage_visits WHERE (source, case_id) IN (SELECT source, case_id FROM late)) AS v
    INNER JOIN late ON late.source = v.source AND late.case_id = v.case_id
    WHERE entered_us < end_us
  ),
  standing AS
  (
    SELECT
      o.source AS source, o.case_id AS case_id, o.service AS service, o.from_activity AS from_activity, o.activity AS activity,
      greatest(0, late.end_us - toUnixTimestamp64Micro(if(o.position = 1, ifNull(o.started_at, o.entered_at), o.entered_at))
        - if({extended: UInt8} = 1, greatest(0, late.case_paused_us - ifNull(before.paused, 0)), 0)) AS stay_us
    FROM (SELECT * FROM open_visits WHERE entered_at < finish) AS o
    INNER JOIN late ON late.source = o.source AND late.case_id = o.case_id
    LEFT JOIN (SELECT source, case_id, sum(visit_paused_us) AS paused FROM visited GROUP BY source, case_id) AS before ON before.source = o.source AND before.case_id = o.case_id
  ),
  stays AS
  (
    SELECT source, case_id, stage, '' AS after, toFloat64(stay_us) AS stay, 1. AS weight FROM visited
    UNION ALL
    SELECT source, case_id, activity, '', toFloat64(stay_us), 1. FROM standing WHERE activity != ''
    UNION ALL
    SELECT source, case_id, next, if(next = '', from_activity, ''), stay_us * if(next = '', 1., share), if(next = '', 1., share)
    FROM standing
    LEFT JOIN followed USING (service, from_activity)
    WHERE activity = ''
  ),
  parts AS
  (
    SELECT source, case_id, groupArray((stage, after, stay, usual_us * weight)) AS stages
    FROM
    (
      SELECT source, case_id, service, stage, after, sum(stays.stay) AS stay, least(1, sum(stays.weight)) AS weight
      FROM stays
      INNER JOIN (SELECT source, case_id, service FROM late) AS of USING (source, case_id)
      GROUP BY source, case_id, service, stage, after
    ) AS spent
    LEFT JOIN usual USING (service, stage)
    GROUP BY source, case_id
  )
SELECT
  service, part.1 AS stage, part.2 AS after,
  sum(over_us * part.3) / 8.64e10 AS days_over,
  sumIf(over_us * part.3, NOT closed) / 8.64e10 AS days_over_open,
  countIf(part.3 > 0) AS cases,
  any(usual_us) / 8.64e10 AS usual_days
FROM
(
  SELECT
    service, closed, over_us,
    arraySum(s -> s.3, stages) AS stayed,
    arraySum(s -> s.4, stages) AS budgets,
    if(budgets = 0, 0, greatest(0, stayed - over_us) / budgets) AS scale,
    arrayMap(s -> greatest(0, s.3 - s.4 * scale), stages) AS excess,
    arraySum(excess) AS whole,
    -- a case that no stage says anything about is late outside of them
    if(whole > 0, arrayMap((s, e) -> (s.1, s.2, e / whole), stages, excess), [(toLowCardinality(''), toLowCardinality(''), 1.)]) AS divided
  FROM late
  LEFT JOIN parts USING (source, case_id)
)
ARRAY JOIN divided AS part
LEFT JOIN usual ON usual.service = service AND usual.stage = part.1
GROUP BY service, stage, after
ORDER BY service, days_over DESC, stage, after
