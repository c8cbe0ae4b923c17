-- One row a case for the cases whose events are in `derive_facts`, in the order of time and source row. A contact is no step of its case: it tells
-- nothing of stage, team or end, unless there is nothing else.
INSERT INTO cases_next
WITH
  -- what is named within a query is written out wherever it is used: so every step is a query of its own, and every long array a scalar of its own
  (SELECT arrayPushBack(groupArray(concat(calendar, ' ', toString(day))), '') FROM (SELECT * FROM calendar_days FINAL ORDER BY calendar, day)) AS index_days,
  (SELECT arrayPushBack(groupArray(working_index), 0) FROM (SELECT * FROM calendar_days FINAL ORDER BY calendar, day)) AS index_numbers,
  (of_calendar, moment) -> transform(concat(of_calendar, ' ', toString(toDate32(moment, {zone: String}))), index_days, index_numbers, 0) AS index_of_day,
  (SELECT (groupArray((toString(service), code)), groupArray(toString(class))) FROM outcome_classes FINAL) AS classes,
  (of_service, code) -> classes.2[indexOf(classes.1, (of_service, lower(code)))] AS class_of,
  told AS
  (
    SELECT
      source,
      case_id,
      arraySort(e -> (e.1, e.2), groupArray((f.time, f.seq, toString(f.activity), f.lifecycle, toString(f.clock), f.outcome, f.due_at, f.team, f.service, f.department, f.district, f.channel, f.subtype, f.claimed, f.contact))) AS all_events,
      toUInt32(countIf(f.contact = '' AND f.lifecycle NOT IN ('start', 'schedule', 'assign', 'suspend', 'resume'))) AS visits
    FROM derive_facts AS f
    GROUP BY source, case_id
  ),
  stepped AS (SELECT *, arrayFilter(e -> e.15 = '', all_events) AS steps, if(empty(steps), all_events, steps) AS events FROM told),
  ticked AS (SELECT *, arrayFilter(e -> e.5 != '', events) AS clock, arrayEnumerate(clock) AS places FROM stepped),
  started AS
  (
    SELECT
      *,
      arrayFirstIndex(e -> e.5 = 'start', clock) AS first_start,
      -- on a stopped clock only start and resume do something: the first stop after the last of them is the end
      arrayLastIndex(e -> e.5 IN ('start', 'resume'), clock) AS last_run
    FROM ticked
  ),
  stopped AS
  (
    SELECT
      *,
      arrayFirstIndex((e, i) -> e.5 = 'stop' AND i > first_start, clock, places) AS first_stop,
      arrayFirstIndex((e, i) -> e.5 = 'stop' AND i > last_run, clock, places) AS last_stop
    FROM started
  ),
  grouped AS
  (
    SELECT
      source,
      case_id,
      visits,
      arrayFirstIndex((e, i) -> e.5 IN ('start', 'resume') AND i > first_stop, clock, places) AS start_again,
      events[-1].9 AS service,
      arrayLast(e -> e.10 != '', events).10 AS stated_department,
      arrayLast(e -> e.11 != '', events).11 AS district,
      arrayFirst(e -> e.12 != '', events).12 AS channel,
      arrayLast(e -> e.8 != '', events).8 AS team,
      arrayLast(e -> e.13 != '', events).13 AS subtype,
      arrayLast(e -> e.14 != '', events).14 AS claimed,
      arrayLast(e -> e.6 != '', events).6 AS last_outcome,
      arrayFirst(e -> e.7 IS NOT NULL, events).7 AS promised_at,
      arrayLast(e -> e.7 IS NOT NULL, events).7 AS promised_last,
      if(first_start > 0, clock[first_start].1, events[1].1) AS started_at,
      if(last_stop > 0, toNullable(clock[last_stop].1), NULL) AS stopped_at,
      if(first_stop > 0, toNullable(clock[first_stop].1), NULL) AS first_stopped_at,
      if(first_stop > 0 AND start_again > 0, toNullable(clock[start_again].1), NULL) AS reopened_at,
      -- the clock stands still after a pause and after a stop, until the next clock event
      arrayFilter((still, i) -> still.3 IN ('pause', 'stop') AND i >= first_start AND (last_stop = 0 OR i < last_stop),
        arrayMap((e, next) -> (e.1, next.1, e.5), arrayPopBack(clock), arrayPopFront(clock)), arrayPopBack(places)) AS stills,
      arraySum(still -> toUnixTimestamp64Micro(still.2) - toUnixTimestamp64Micro(still.1), stills) AS paused_us,
      if(last_stop = 0 AND clock[-1].5 = 'pause', toNullable(clock[-1].1), NULL) AS paused_since,
      events[-1].3 AS last_activity,
      events[-1].1 AS last_step_at,
      all_events[1].1 AS first_event_at,
      all_events[-1].1 AS last_event_at,
      arrayMap(e -> (e.1, toString(e.15)), arrayFilter(e -> e.15 != '', all_events)) AS contacts
    FROM stopped
  ),
  placed AS
  (
    SELECT
      grouped.*,
      toDate32(started_at, {zone: String}) AS started_on,
      own_calendar AS calendar,
      if(stated_department = '', own_department, stated_department) AS department,
      if(svc.closes = 'last_event', toNullable(last_step_at), stopped_at) AS closed_at,
      if(svc.closes = 'last_event', toNullable(last_step_at), first_stopped_at) AS first_closed_at
    FROM grouped
    LEFT JOIN (SELECT id, department AS own_department, calendar AS own_calendar, toString(closes) AS closes FROM services FINAL) AS svc ON svc.id = grouped.service
  ),
  promised AS
  (
    -- the standard in force when the case began; one for the very subtype comes before the general one
    SELECT
      placed.*,
      own.value > 0 AND started_on < own.valid_until AS has_own,
      general.value > 0 AND started_on < general.valid_until AS has_general,
      multiIf(has_own, own.value, has_general, general.value, 0) AS value,
      multiIf(has_own, own.unit, has_general, general.unit, '') AS unit,
      multiIf(has_own, toNullable(own.target), has_general, toNullable(general.target), NULL) AS target
    FROM placed
    ASOF LEFT JOIN (SELECT service AS for_service, subtype AS for_subtype, valid_from, valid_until, value, toString(unit) AS unit, target FROM service_standards FINAL WHERE subtype != '') AS own
      ON own.for_service = placed.service AND own.for_subtype = placed.subtype AND placed.started_on >= own.valid_from
    ASOF LEFT JOIN (SELECT service AS for_service, valid_from, valid_until, value, toString(unit) AS unit, target FROM service_standards FINAL WHERE subtype = '') AS general
      ON general.for_service = placed.service AND placed.started_on >= general.valid_from
  ),
  numbered AS
  (
    -- the day a working-day standard counts from is the working day reached by the start; due on the n-th after it
    SELECT
      promised.*,
      if(began.in_calendar = '' OR unit != 'working_days', NULL, toNullable(began.working_index + toInt32(ceil(value)))) AS due_index,
      -- a pause moves a promise in working days on by the working days in it
      due_index + toInt32(if(unit = 'working_days', arraySum(still -> index_of_day(calendar, still.2) - index_of_day(calendar, still.1), stills), 0)) AS extended_index,
      multiIf(
        value = 0 OR unit = 'working_days', NULL,
        toNullable(fromUnixTimestamp64Micro(toUnixTimestamp64Micro(started_at) + toInt64(value * multiIf(unit = 'days', 86400, unit = 'hours', 3600, 60) * 1000000), 'UTC'))
      ) AS due_by_time
    FROM promised
    LEFT JOIN (SELECT calendar AS in_calendar, day, working_index FROM calendar_days FINAL) AS began
      ON began.in_calendar = promised.calendar AND began.day = promised.started_on
  ),
  ends AS
  (
    -- a promise in working days is kept until the last of them is over
    SELECT
      calendar AS in_calendar, working_index,
      toNullable(toTimeZone(parseDateTime64BestEffortOrNull(concat(toString(min(day) + 1), ' 00:00:00'), 6, {zone: String}), 'UTC')) AS ends_at
    FROM calendar_days FINAL
    GROUP BY calendar, working_index
  )
SELECT
  source, case_id, service, department, district, channel, team, subtype, claimed,
  if(closed_at IS NULL, '', last_outcome) AS outcome,
  started_at, closed_at, first_closed_at, reopened_at,
  coalesce(promised_at, due_by_time, nth.ends_at) AS due_at,
  -- a due time that the source moved is not moved on by the pauses once more
  multiIf(
    promised_last != promised_at, promised_last,
    promised_at IS NULL AND extended_nth.ends_at IS NOT NULL, extended_nth.ends_at,
    addMicroseconds(due_at, paused_us)
  ) AS extended_due_at,
  target, paused_us, paused_since, visits, last_activity, first_event_at, last_event_at,
  multiIf(closed_at IS NULL, '', class_of(service, outcome) != '', class_of(service, outcome), class_of('', outcome) != '', class_of('', outcome), 'unmapped') AS class,
  contacts
FROM numbered
LEFT JOIN ends AS nth ON nth.in_calendar = numbered.calendar AND nth.working_index = numbered.due_index
LEFT JOIN ends AS extended_nth ON extended_nth.in_calendar = numbered.calendar AND extended_nth.working_index = numbered.extended_index
