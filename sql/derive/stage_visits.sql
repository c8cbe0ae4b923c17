-- One row a visit to a stage for the cases whose events are in `derive_facts`. An event that completes an activity ends a visit; the start of
-- the same activity before it, if the source tells it, divides the visit into wait and touch; what was begun before the stage
-- before it ended has not waited. Pauses of the clock are neither worked wait nor worked touch;
-- contacts are no stages.
INSERT INTO stage_visits_next
WITH
  -- the worked days of all calendars one after another, with the place and the number of the first and of the last of each
  (SELECT groupArray(before_us) FROM (SELECT before_us FROM worked_days FINAL ORDER BY calendar, day)) AS days_before_us,
  (SELECT groupArray(spans) FROM (SELECT spans FROM worked_days FINAL ORDER BY calendar, day)) AS days_spans,
  (
    SELECT (groupArray(calendar), groupArray(place), groupArray(first), groupArray(days))
    FROM (SELECT calendar, min(toInt64(day)) AS first, count() AS days, toInt64(sum(days) OVER (ORDER BY calendar)) - days AS place FROM worked_days FINAL GROUP BY calendar)
  ) AS calendars,
  -- microseconds worked up to a moment since the calendar began; all time where there is no calendar (days = 0)
  (moment, place, first, days) -> if(days = 0, moment,
    days_before_us[place + intDiv(moment, 86400000000) - first + 1]
      + arraySum(span -> greatest(0, least(moment, span.2) - span.1), days_spans[place + intDiv(moment, 86400000000) - first + 1])) AS worked,
  (SELECT (groupArray(reason), groupArray(toString(whom))) FROM pause_reasons FINAL) AS known_reasons,
  reason -> multiIf(
    has(known_reasons.1, lower(reason)), known_reasons.2[indexOf(known_reasons.1, lower(reason))],
    match(reason, '(?i)applicant|customer|resident|citizen|client|owner|payment'), 'applicant',
    match(reason, '(?i)third part|external|consult|other agency|utility|police|court'), 'third_party',
    'us') AS whom_of,
  told AS
  (
    SELECT
      source,
      case_id,
      arraySort(e -> (e.1, e.2), groupArray((f.time, f.seq, toString(f.activity), f.lifecycle, toString(f.team), toString(f.clock), toString(f.reason)))) AS events
    FROM derive_facts AS f
    WHERE f.contact = ''
    GROUP BY source, case_id
  ),
  stepped AS
  (
    SELECT
      source,
      case_id,
      arrayFilter(e -> e.4 NOT IN ('start', 'schedule', 'assign', 'suspend', 'resume'), events) AS visits,
      arrayFilter(e -> e.4 = 'start', events) AS starts,
      arrayFilter(e -> e.6 != '', events) AS clock
    FROM told
  ),
  grouped AS
  (
    SELECT
      source,
      case_id,
      visits,
      starts,
      arrayMap(still -> (toUnixTimestamp64Micro(still.1), toUnixTimestamp64Micro(still.2), whom_of(still.4)), arrayFilter(still -> still.3 = 'pause',
        arrayMap((e, next) -> (e.1, next.1, e.6, e.7), clock, arrayPopFront(arrayPushBack(clock, (toDateTime64('2299-12-31 00:00:00', 6, 'UTC'), toUInt64(0), '', '', '', '', '')))))) AS pauses
    FROM stepped
  ),
  visited AS
  (
    SELECT
      source,
      case_id,
      starts,
      pauses,
      length(visits) AS count,
      visit.1 AS left_at,
      visit.2 AS seq,
      visit.3 AS activity,
      visit.5 AS team,
      position,
      repetition,
      if(position = 1, left_at, visits[position - 1].1) AS entered_at,
      if(position = 1, toUInt64(0), visits[position - 1].2) AS entered_seq,
      if(position = 1, '', visits[position - 1].3) AS from_activity,
      -- a start counts for this visit when it came after the last completion of the same activity
      if(empty(starts), (left_at, toUInt64(0)), arrayMax(v -> if(v.3 = activity AND (v.1, v.2) < (left_at, seq), (v.1, v.2), (toDateTime64(0, 6, 'UTC'), toUInt64(0))), visits)) AS completed_before
    FROM grouped
    ARRAY JOIN visits AS visit, arrayEnumerate(visits) AS position, arrayEnumerateUniq(visits.3) AS repetition
  ),
  with_starts AS
  (
    SELECT
      *,
      if(empty(starts), [], arrayFilter(s -> s.3 = activity AND (s.1, s.2) < (left_at, seq) AND (s.1, s.2) > completed_before, starts)) AS own_starts
    FROM visited
  ),
  begun AS
  (
    SELECT *, if(empty(own_starts), NULL, toNullable(if(position = 1, own_starts[1].1, greatest(own_starts[1].1, entered_at)))) AS started_at
    FROM with_starts
  ),
  timed AS
  (
    SELECT
      begun.*,
      c.service, c.department, c.district, c.channel, c.subtype,
      toUnixTimestamp64Micro(if(position = 1 AND started_at IS NOT NULL, assumeNotNull(started_at), entered_at)) AS from_us,
      toUnixTimestamp64Micro(ifNull(started_at, left_at)) AS start_us,
      toUnixTimestamp64Micro(left_at) AS left_us,
      indexOf(calendars.1, own_calendar) AS which,
      calendars.2[which] AS place,
      calendars.3[which] AS first,
      calendars.4[which] AS days
    FROM begun
    INNER JOIN (SELECT source AS of_source, case_id AS of_case, service, department, district, channel, subtype FROM cases_next) AS c ON c.of_source = begun.source AND c.of_case = begun.case_id
    LEFT JOIN (SELECT id, calendar AS own_calendar FROM services FINAL) AS svc ON svc.id = c.service
  ),
  paused AS
  (
    SELECT
      *,
      days = 0 OR (intDiv(from_us, 86400000000) >= first AND intDiv(left_us, 86400000000) < first + days) AS known,
      arrayFilter(pause -> pause.1 < left_us AND pause.2 > from_us, pauses) AS own_pauses
    FROM timed
  )
SELECT
  source, case_id, toUInt32(position) AS position,
  service, department, district, channel, team, subtype,
  from_activity, activity, entered_at, started_at, left_at,
  if(known, worked(start_us, place, first, days) - worked(from_us, place, first, days)
    - arraySum(p -> if(p.1 < start_us, worked(least(p.2, start_us), place, first, days) - worked(greatest(p.1, from_us), place, first, days), 0), own_pauses), NULL) AS wait_worked_us,
  if(known, worked(left_us, place, first, days) - worked(start_us, place, first, days)
    - arraySum(p -> if(p.2 > start_us, worked(least(p.2, left_us), place, first, days) - worked(greatest(p.1, start_us), place, first, days), 0), own_pauses), NULL) AS touch_worked_us,
  arraySum(p -> least(p.2, left_us) - greatest(p.1, from_us), own_pauses) AS paused_us,
  arraySum(p -> if(p.3 = 'applicant', least(p.2, left_us) - greatest(p.1, from_us), 0), own_pauses) AS paused_applicant_us,
  arraySum(p -> if(p.3 = 'third_party', least(p.2, left_us) - greatest(p.1, from_us), 0), own_pauses) AS paused_third_us,
  toUInt32(repetition) AS repetition,
  toUInt8(position = count) AS last
FROM paused
