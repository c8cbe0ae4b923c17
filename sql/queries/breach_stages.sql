-- The days by which cases were late, divided over their stages by what each took above its budget: the usual time there (the median of
-- the cases that kept the promise in the last year), all of a case's budgets scaled to the time it had. Late is what closed after its
-- due time in the period, and what was open and overdue at its end. {extended}: due times with agreed extensions, pauses not counted.
WITH
  toDateTime64(concat(toString({from: Date32}), ' 00:00:00'), 6, {zone: String}) AS begin,
  toDateTime64(concat(toString({until: Date32}), ' 00:00:00'), 6, {zone: String}) AS finish,
  toDateTime64(concat(toString({since: Date32}), ' 00:00:00'), 6, {zone: String}) AS year_before,
  -- where cases went after an activity, among those that waited at least as long (in steps of a half power of two of minutes): service and
  -- activity, the longest step, and the stages of each step with their shares
  wait_us -> toUInt8(ceil(2 * log2(1 + greatest(0, wait_us) / 6e7))) AS step,
  (
    SELECT (groupArray(place), groupArray(furthest), groupArray(went))
    FROM
    (
      SELECT concat(service, '\n', from_activity) AS place, max(level) AS furthest, groupArray((level, toString(next), share)) AS went
      FROM
      (
        SELECT service, from_activity, level, next, sum(n) / sum(sum(n)) OVER (PARTITION BY service, from_activity, level) AS share
        FROM
        (
          SELECT service, from_activity, activity AS next, step(toUnixTimestamp64Micro(ifNull(started_at, left_at)) - toUnixTimestamp64Micro(entered_at)) AS waited, count() AS n
          FROM stage_visits
          WHERE position > 1 AND left_at >= year_before AND left_at < finish
            AND (empty({service: Array(String)}) OR service IN {service: Array(String)})
          GROUP BY service, from_activity, next, waited
        )
        ARRAY JOIN range(toUInt8(waited + 1)) AS level
        GROUP BY service, from_activity, level, next
      )
      GROUP BY service, from_activity
    )
  ) AS followed,
  -- the usual time at a stage: service and stage, and microseconds
  (
    SELECT (groupArray(concat(service, '\n', stage)), groupArray(usual_us))
    FROM
    (
      SELECT service, stage, quantileExactInclusive(0.5)(stay_us) AS usual_us
      FROM
      (
        SELECT service, activity AS stage, sum(toUnixTimestamp64Micro(left_at) - toUnixTimestamp64Micro(if(position = 1, ifNull(started_at, left_at), entered_at)) - if({extended: UInt8} = 1, paused_us, 0)) AS stay_us
        FROM stage_visits
        WHERE (empty({service: Array(String)}) OR service IN {service: Array(String)})
          AND cityHash64(source, case_id) IN
          (
            SELECT cityHash64(source, case_id)
            FROM cases
            WHERE closed_at >= year_before AND closed_at < finish AND closed_at <= if({extended: UInt8} = 1, extended_due_at, due_at)
              AND (empty({service: Array(String)}) OR service IN {service: Array(String)})
          )
        -- numbers instead of names: three times as fast, and two cases in one are not to be expected below 100 million
        GROUP BY cityHash64(source, case_id), service, stage
      )
      GROUP BY service, stage
    )
  ) AS usual,
  late AS
  (
    SELECT
      source, case_id, service AS of_service, paused_us AS case_paused_us,
      ifNull(closed_at < finish, 0) AS closed,
      transform(source, {source_ids: Array(String)}, {source_ends: Array(Int64)}, toInt64(0)) AS known_us,
      least(toUnixTimestamp64Micro(finish), known_us) AS seen_us,
      multiIf(
        closed, toUnixTimestamp64Micro(assumeNotNull(closed_at)),
        {extended: UInt8} = 1 AND paused_since IS NOT NULL, least(seen_us, toUnixTimestamp64Micro(assumeNotNull(paused_since))),
        seen_us) AS end_us,
      end_us - toUnixTimestamp64Micro(assumeNotNull(if({extended: UInt8} = 1, extended_due_at, due_at))) AS over_us
    FROM cases
    WHERE if({extended: UInt8} = 1, extended_due_at, due_at) IS NOT NULL
      AND started_at < finish AND (closed_at IS NULL OR closed_at >= begin)
      AND over_us > 0
      AND (empty({service: Array(String)}) OR service IN {service: Array(String)})
      AND (empty({department: Array(String)}) OR department IN {department: Array(String)})
      AND (empty({district: Array(String)}) OR district IN {district: Array(String)})
      AND (empty({channel: Array(String)}) OR channel IN {channel: Array(String)})
      AND (empty({team: Array(String)}) OR team IN {team: Array(String)})
  ),
  spent AS
  (
    SELECT
      source, case_id, of_service AS service, closed, over_us, end_us, known_us,
      groupArrayIf((stage, from_stage, entered_us, left_us, visit_paused_us), entered_us > 0 AND entered_us < end_us) AS visits,
      -- what the case paused outside of its finished visits, it paused where it stands
      greatest(0, case_paused_us - arraySum(v -> if(v.4 > 0, v.5, 0), visits)) AS paused_here,
      arrayMap(v -> (v.1, v.2,
        toFloat64(greatest(0, if(v.4 > 0, least(v.4, end_us), end_us) - v.3 - if({extended: UInt8} = 1, if(v.4 > 0, v.5, paused_here), 0))), v.3), visits) AS stayed
    FROM
    (
      SELECT source, case_id, toString(activity) AS stage, '' AS from_stage, toUnixTimestamp64Micro(if(position = 1, ifNull(started_at, left_at), entered_at)) AS entered_us, toUnixTimestamp64Micro(left_at) AS left_us, paused_us AS visit_paused_us
      FROM stage_visits
      WHERE (empty({service: Array(String)}) OR service IN {service: Array(String)})
      UNION ALL
      SELECT source, case_id, toString(activity), toString(from_activity), toUnixTimestamp64Micro(if(position = 1, ifNull(started_at, entered_at), entered_at)), 0, 0
      FROM open_visits
      WHERE (empty({service: Array(String)}) OR service IN {service: Array(String)})
    ) AS v
    RIGHT JOIN late USING (source, case_id)
    GROUP BY source, case_id, service, closed, over_us, end_us, known_us, case_paused_us
  ),
  parts AS
  (
    SELECT
      source, case_id, service, closed, over_us, place.1 AS stage, place.2 AS after, sum(place.3) AS stay,
      least(1, sum(place.4)) * usual.2[indexOf(usual.1, concat(service, '\n', stage))] AS budget
    FROM spent
    -- a case that nobody began stands before the stages that others went to
    LEFT ARRAY JOIN arrayConcat(
      arrayMap(s -> (s.1, '', s.3, 1.), arrayFilter(s -> s.1 != '', stayed)),
      arrayFlatten(arrayMap(s -> if(has(followed.1, concat(service, '\n', s.2)),
        arrayMap(next -> (next.2, '', s.3 * next.3, next.3), arrayFilter(
          next -> next.1 = least(step(known_us - s.4), followed.2[indexOf(followed.1, concat(service, '\n', s.2))]),
          followed.3[indexOf(followed.1, concat(service, '\n', s.2))])),
        [('', s.2, s.3, 1.)]), arrayFilter(s -> s.1 = '', stayed)))) AS place
    GROUP BY source, case_id, service, closed, over_us, stage, after
  ),
  divided AS
  (
    SELECT
      service, closed, over_us,
      groupArray((stage, after, stay, budget)) AS stages,
      arraySum(s -> s.3, stages) AS stayed,
      arraySum(s -> s.4, stages) AS budgets,
      if(budgets = 0, 0, greatest(0, stayed - over_us) / budgets) AS scale,
      arrayMap(s -> greatest(0, s.3 - s.4 * scale), stages) AS excess,
      arraySum(excess) AS whole,
      -- a case that no stage says anything about is late outside of them
      if(whole > 0, arrayMap((s, e) -> (s.1, s.2, e / whole), stages, excess), [('', '', 1.)]) AS shares
    FROM parts
    GROUP BY source, case_id, service, closed, over_us
  )
SELECT
  service, part.1 AS stage, part.2 AS after,
  sum(over_us * part.3) / 8.64e10 AS days_over,
  sumIf(over_us * part.3, NOT closed) / 8.64e10 AS days_over_open,
  countIf(part.3 > 0) AS cases,
  if(has(usual.1, concat(service, '\n', stage)), toNullable(usual.2[indexOf(usual.1, concat(service, '\n', stage))] / 8.64e10), NULL) AS usual_days
FROM divided
ARRAY JOIN shares AS part
GROUP BY service, stage, after
ORDER BY service, days_over DESC, stage, after
