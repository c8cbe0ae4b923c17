-- Why cases waited before the stages of one service, in microseconds: of every visit that ended in the period and of every one open at its end.
-- The wait is divided without overlap and without rest; what stands first takes its part first: clock paused (for the applicant, for
-- third parties, by us), outside working hours, waiting for its batch, the team at work (on what was ready before: queue;
-- on what was ready later: overtaken; a moment with several cases in hand is shared among them), the rest. Where no start is told,
-- queue, work and the rest are not told apart. `at` is a moment in working time, `ready` since when a case could be worked on.
WITH
  toUnixTimestamp64Micro(toDateTime64(concat(toString({from: Date32}), ' 00:00:00'), 6, {zone: String})) AS from_us,
  toUnixTimestamp64Micro(toDateTime64(concat(toString({until: Date32}), ' 00:00:00'), 6, {zone: String})) AS until_us,
  days_of_calendar AS
  (
    SELECT toInt64(day) AS day, before_us, spans FROM worked_days FINAL
    WHERE calendar = (SELECT any(calendar) FROM services FINAL WHERE id = {one_service: String})
  ),
  (SELECT (min(day) * 86400000000, (max(day) + 1) * 86400000000, max(before_us + arraySum(span -> span.2 - span.1, spans)), count()) FROM days_of_calendar) AS calendar,
  assumeNotNull(calendar.1) AS first_us,
  assumeNotNull(calendar.2) AS last_us,
  assumeNotNull(calendar.3) AS whole_us,
  assumeNotNull(calendar.4) = 0 AS always,
  -- microseconds worked up to a moment, from its day; outside the days of the calendar, and without one, all time is working time
  (moment, before_us, spans) -> multiIf(
    always, moment,
    moment < first_us, moment - first_us,
    moment >= last_us, whole_us + moment - last_us,
    before_us + arraySum(span -> greatest(0, least(moment, span.2) - span.1), spans)) AS worked,
  (SELECT (groupArray(reason), groupArray(toString(whom))) FROM pause_reasons FINAL) AS known_reasons,
  reason -> multiIf(
    has(known_reasons.1, lower(reason)), known_reasons.2[indexOf(known_reasons.1, lower(reason))],
    match(reason, '(?i)applicant|customer|resident|citizen|client|owner|payment'), 'applicant',
    match(reason, '(?i)third part|external|consult|other agency|utility|police|court'), 'third_party',
    'us') AS whom_of,
  (
    SELECT min(entered_at) FROM
    (
      SELECT entered_at FROM stage_visits
      WHERE service = {one_service: String} AND ({stage: String} = '' OR activity = {stage: String}) AND left_at >= toDateTime64(concat(toString({from: Date32}), ' 00:00:00'), 6, {zone: String}) AND entered_at < toDateTime64(concat(toString({until: Date32}), ' 00:00:00'), 6, {zone: String})
      UNION ALL
      SELECT entered_at FROM open_visits WHERE service = {one_service: String}
    )
  ) AS earliest,
  -- where an open case that is not begun goes next: where most cases of its district went
  followed AS
  (
    SELECT service, from_activity, district, argMax((activity, team, told), (n, activity, team)) AS next
    FROM
    (
      SELECT service, from_activity, district, activity, team, count() AS n, countIf(started_at IS NOT NULL) * 2 > n AS told
      FROM stage_visits
      WHERE position > 1 AND service = {one_service: String}
      GROUP BY service, from_activity, district, activity, team
    )
    GROUP BY service, from_activity, district
  ),
  visits AS
  (
    -- the visits to these stages, and whatever else their teams worked on in that time
    SELECT
      source, case_id, position, service, department, district, channel, team, activity AS stage,
      toUnixTimestamp64Micro(if(position = 1, ifNull(started_at, entered_at), entered_at)) AS entered,
      toUnixTimestamp64Micro(ifNull(started_at, left_at)) AS begin,
      toUnixTimestamp64Micro(left_at) AS end,
      until_us AS horizon,
      started_at IS NOT NULL AS told,
      left_at < toDateTime64(concat(toString({until: Date32}), ' 00:00:00'), 6, {zone: String}) AS ended
    FROM stage_visits
    WHERE left_at >= earliest AND least(entered_at, ifNull(started_at, entered_at)) < toDateTime64(concat(toString({until: Date32}), ' 00:00:00'), 6, {zone: String})
      AND ((service = {one_service: String} AND ({stage: String} = '' OR activity = {stage: String}))
        OR (started_at IS NOT NULL AND team != '' AND team IN (SELECT team FROM stage_visits WHERE service = {one_service: String} AND ({stage: String} = '' OR activity = {stage: String}))))
    UNION ALL
    SELECT
      source, case_id, position, service, department, district, channel,
      if(started_at IS NULL, next.2, team) AS team,
      if(started_at IS NULL, next.1, activity) AS stage,
      toUnixTimestamp64Micro(entered_at) AS entered,
      if(started_at IS NULL, horizon, toUnixTimestamp64Micro(assumeNotNull(started_at))) AS begin,
      horizon AS end,
      greatest(entered, least(until_us, transform(toString(source), {source_ids: Array(String)}, {source_ends: Array(Int64)}, until_us))) AS horizon,
      started_at IS NOT NULL OR next.3 AS told,
      0 AS ended
    FROM open_visits
    LEFT JOIN followed USING (service, from_activity, district)
    WHERE entered_at < toDateTime64(concat(toString({until: Date32}), ' 00:00:00'), 6, {zone: String}) AND (service = {one_service: String} OR started_at IS NOT NULL)
  ),
  clocks AS
  (
    SELECT
      source, case_id,
      arraySort(turn -> (turn.1, turn.2), groupArray((time_us, seq, toString(clock), worked(time_us, before_us, spans), whom_of(reason)))) AS turns,
      arrayMap((turn, next) -> (turn.1, next.1, turn.4, next.4, turn.3, turn.5), turns, arrayPushBack(arrayPopFront(turns), (10413705600000000, toUInt64(0), '', 10413705600000000, ''))) AS stills,
      arrayFilter(still -> still.5 = 'pause', stills) AS pauses
    FROM
    (
      SELECT source, case_id, toUnixTimestamp64Micro(time) AS time_us, intDiv(time_us, 86400000000) AS day, seq, clock, reason
      FROM case_events FINAL
      WHERE clock != '' AND (source, case_id) IN (
        SELECT source, case_id FROM stage_visits WHERE paused_us > 0 AND left_at >= earliest AND (service = {one_service: String} OR started_at IS NOT NULL)
        UNION ALL
        SELECT source, case_id FROM open_visits WHERE service = {one_service: String} OR started_at IS NOT NULL)
    ) AS e
    LEFT JOIN days_of_calendar AS c USING (day)
    GROUP BY source, case_id
    HAVING notEmpty(pauses)
  ),
  placed AS
  (
    SELECT
      v.*,
      if({by_visit: UInt8}, concat(v.source, ' ', v.case_id, ' ', toString(position)), '') AS visit,
      cityHash64(if(team = '', concat(service, '\n', stage), concat('\n', team))) AS scope,
      worked(entered, e.before_us, e.spans) AS entered_at,
      worked(stop, s.before_us, s.spans) AS stop_at,
      worked(gone, g.before_us, g.spans) AS gone_at,
      pauses,
      service = {one_service: String} AND ({stage: String} = '' OR stage = {stage: String}) AND stage != '' AND position > 1 AS ours
    FROM (SELECT *, least(begin, horizon) AS stop, least(end, horizon) AS gone, told AND begin < horizon AS begun FROM visits) AS v
    LEFT JOIN days_of_calendar AS e ON e.day = intDiv(v.entered, 86400000000)
    LEFT JOIN days_of_calendar AS s ON s.day = intDiv(v.stop, 86400000000)
    LEFT JOIN days_of_calendar AS g ON g.day = intDiv(v.gone, 86400000000)
    LEFT JOIN clocks AS k ON k.source = v.source AND k.case_id = v.case_id
  ),
  timed AS
  (
    SELECT
      stage, ended, told, begun, visit, scope, entered, stop, entered_at, stop_at, gone_at,
      arrayMap(p -> (greatest(p.1, entered), least(p.2, stop), greatest(p.3, entered_at), least(p.4, stop_at), p.6), arrayFilter(p -> p.1 < stop AND p.2 > entered, pauses)) AS wait_pauses,
      arrayMap(p -> (greatest(p.3, stop_at), least(p.4, gone_at)), arrayFilter(p -> begun AND p.1 < gone AND p.2 > stop, pauses)) AS touch_pauses,
      arrayMax(arrayPushBack(arrayMap(p -> (p.2, p.4), arrayFilter(p -> p.2 > entered AND p.2 <= stop, pauses)), (entered, entered_at))) AS last_ready,
      last_ready.1 AS ready,
      ours AND (NOT ended OR end >= from_us)
        AND (empty({service: Array(String)}) OR service IN {service: Array(String)})
        AND (empty({department: Array(String)}) OR department IN {department: Array(String)})
        AND (empty({district: Array(String)}) OR district IN {district: Array(String)})
        AND (empty({channel: Array(String)}) OR channel IN {channel: Array(String)})
        AND (empty({team: Array(String)}) OR team IN {team: Array(String)}) AS asked,
      -- visits of one stage and team begin, or where that is not told end, together
      ours AND (begun OR (ended AND NOT told)) AS acts,
      if(acts, cityHash64(service, stage, team, told), 0) AS line,
      if(acts, stop, 0) AS moment,
      if(acts, stop_at, 0) AS moment_at
    FROM placed
  ),
  -- a batch: three or more that were ready before the first of them was begun, each begun within 15 working minutes of the one before.
  -- They wait for it from the moment on at which the last one before it was begun (what was ready earlier was in a queue until then)
  batched AS
  (
    SELECT
      *,
      line != 0 AND ready <= first_moment AND countIf(ready <= first_moment) OVER batch >= 3 AS in_batch,
      if(in_batch AND still > 0, greatest(last_ready.2, first_moment_at - still), last_ready.2) AS batch_from_at,
      if(in_batch, maxIf(last_ready.2, ready <= first_moment) OVER batch, last_ready.2) AS batch_ready_at
    FROM
    (
      SELECT *, min(moment) OVER batch AS first_moment, min(moment_at) OVER batch AS first_moment_at, maxIf(gap, gap > 900000000) OVER batch AS still
      FROM
      (
        SELECT *, sum(gap > 900000000) OVER (PARTITION BY line ORDER BY moment) AS chain
        FROM (SELECT *, moment_at - lagInFrame(moment_at, 1, moment_at) OVER (PARTITION BY line ORDER BY moment ROWS BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW) AS gap FROM timed)
      )
      WINDOW batch AS (PARTITION BY line, chain)
    )
    WINDOW batch AS (PARTITION BY line, chain)
  ),
  freed AS
  (
    SELECT
      stage, ended, told, begun, visit, scope, asked,
      stop - entered AS wait_us,
      arraySum(p -> if(p.5 = 'applicant', p.2 - p.1, 0), wait_pauses) AS applicant_us,
      arraySum(p -> if(p.5 = 'third_party', p.2 - p.1, 0), wait_pauses) AS third_party_us,
      arraySum(p -> if(p.5 = 'us', p.2 - p.1, 0), wait_pauses) AS stopped_us,
      -- what is neither paused: since when; from, and until which moment of working time; and from, and until when it waited for its batch
      arrayMap((x, x_at, y_at) -> (x, x_at, y_at, if(x < ready, y_at, greatest(x_at, least(y_at, batch_from_at))), if(x < ready, y_at, greatest(x_at, least(y_at, greatest(batch_from_at, batch_ready_at))))),
        arrayPushFront(wait_pauses.2, entered), arrayPushFront(wait_pauses.4, entered_at), arrayPushBack(wait_pauses.3, stop_at)) AS free,
      if(begun, arrayMap((x_at, y_at) -> (ready, x_at, y_at), arrayPushFront(touch_pauses.2, stop_at), arrayPushBack(touch_pauses.1, gone_at)), []) AS touch
    FROM batched
  ),
  divided AS
  (
    SELECT
      *,
      arraySum(f -> f.3 - f.2, free) AS free_us,
      arraySum(f -> f.5 - f.4, free) AS batching_us,
      arraySum(t -> t.3 - t.2, touch) AS touch_us,
      arrayConcat(
        if(asked, [(0, 0, 0, 0)], []),
        arrayMap(t -> (1, t.1, t.2, t.3), arrayFilter(t -> t.3 > t.2, touch)),
        if(asked AND told, arrayMap(f -> (2, f.1, f.2, f.4), arrayFilter(f -> f.4 > f.2, free)), []),
        if(asked AND told, arrayMap(f -> (2, f.1, f.5, f.3), arrayFilter(f -> f.3 > f.5, free)), [])) AS spans
    FROM freed
  ),
  -- kind 0: a visit; 1: a team is at work on it; 2: it is free to be worked on
  spanned AS
  (
    SELECT
      stage, ended, visit,
      span.1 AS kind,
      if(kind = 0, 0, scope) AS team,
      span.2 AS ready, span.3 AS low, span.4 AS high,
      if(kind = 0, (toInt64(told), wait_us, touch_us, applicant_us, third_party_us, stopped_us, wait_us - applicant_us - third_party_us - stopped_us - free_us, batching_us, if(told, 0, free_us - batching_us)), defaultValueOfTypeName('Tuple(Int64, Int64, Int64, Int64, Int64, Int64, Int64, Int64, Int64)')) AS sums
    FROM divided
    ARRAY JOIN spans AS span
  ),
  -- only work that some case which was ready before still waits for is overtaking, and only such a case is overtaken
  compared AS
  (
    SELECT *,
      multiIf(
        kind = 1, minIf(ready, kind = 2) OVER (PARTITION BY team ORDER BY if(kind = 1, low, high) DESC) < ready,
        kind = 2, maxIf(ready, kind = 1) OVER (PARTITION BY team ORDER BY if(kind = 1, low, high)) > ready,
        0) AS crossing
    FROM spanned
  ),
  -- the team's work in order: how much it has in hand, and the time it was at work so far, whole and shared among what is in hand
  turned AS
  (
    SELECT
      stage, ended, visit, sums, kind, team, ready, crossing,
      turn.1 AS sign, turn.2 AS at,
      at - lagInFrame(at, 1, at) OVER so_far AS gap,
      sum(if(kind = 1, sign, 0)) OVER so_far - if(kind = 1, sign, 0) AS in_hand,
      sum(kind = 1 AND crossing) OVER so_far AS place
    FROM compared
    ARRAY JOIN if(kind = 0, [(0, 0)], [(1, low), (-1, high)]) AS turn
    WINDOW so_far AS (PARTITION BY team ORDER BY at ROWS BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW)
  ),
  shared AS
  (
    SELECT *,
      sum(if(in_hand > 0, gap, 0)) OVER (PARTITION BY team ORDER BY at) AS busy,
      sum(if(in_hand > 0, intDiv(gap, in_hand), 0)) OVER (PARTITION BY team ORDER BY at) AS part
    FROM turned
  ),
  -- what was ready later and is in hand before a moment: the turns up to it lie in blocks of 1, 2, 4, ... places, and in each block
  -- they are added up from the latest ready on
  blocks AS
  (
    SELECT
      stage, ended, visit, sums, kind, sign, busy, part,
      block.1 AS level,
      sumIf(-sign * part, kind = 1) OVER latest AS later_sum,
      sumIf(sign, kind = 1) OVER latest AS later_count
    FROM shared
    ARRAY JOIN arrayConcat(
      if(kind = 1, [], [(-1, 0)]),
      if(NOT crossing, [], if(kind = 1,
        arrayMap(level -> (level, toInt64(bitShiftRight(place - 1, level))), range(24)),
        arrayMap(level -> (level, toInt64(bitShiftRight(place, level)) - 1), arrayFilter(level -> bitTest(place, level), range(24)))))) AS block
    WINDOW latest AS (PARTITION BY team, block.1, block.2 ORDER BY ready DESC, kind DESC ROWS BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW)
  )
SELECT
  stage,
  toUInt8(ended) AS ended,
  visit,
  countIf(kind = 0) AS n,
  sum(sums.1) AS told,
  sum(sums.2) AS wait_us,
  sum(sums.3) AS touch_us,
  sum(sums.4) AS applicant_us,
  sum(sums.5) AS third_party_us,
  sum(sums.6) AS stopped_us,
  sum(sums.7) AS closed_us,
  sum(sums.8) AS batching_us,
  sumIf(-sign * busy, kind = 2 AND level < 0) AS busy_us,
  sumIf(-sign * (later_sum + part * later_count), kind = 2 AND level >= 0) AS overtaken_us,
  sum(sums.9) AS undivided_us
FROM blocks
WHERE kind != 1
GROUP BY stage, ended, visit
ORDER BY stage, ended, visit
