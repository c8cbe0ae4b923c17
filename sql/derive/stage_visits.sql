-- One row a visit to a stage for the cases whose events are in `derive_facts`. An event that completes an activity ends a visit; the start of
-- the same activity before it, if the source tells it, divides the visit into wait and touch; what was begun before the stage
-- before it ended has not waited.
INSERT INTO stage_visits_next
WITH
  grouped AS
  (
    SELECT
      source,
      case_id,
      arraySort(e -> (e.1, e.2), groupArray((f.time, f.seq, toString(f.activity), f.lifecycle, toString(f.team)))) AS events,
      arrayFilter(e -> e.4 NOT IN ('start', 'schedule', 'assign', 'suspend', 'resume'), events) AS visits,
      arrayFilter(e -> e.4 = 'start', events) AS starts
    FROM derive_facts AS f
    GROUP BY source, case_id
  ),
  visited AS
  (
    SELECT
      source,
      case_id,
      starts,
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
      if(empty(starts), (left_at, toUInt64(0)), arrayMax(v -> if(v.3 = activity AND (v.1, v.2) < (left_at, seq), (v.1, v.2), (toDateTime64(0, 6, 'UTC'), toUInt64(0))), visits)) AS completed_before,
      if(empty(starts), [], arrayFilter(s -> s.3 = activity AND (s.1, s.2) < (left_at, seq) AND (s.1, s.2) > completed_before, starts)) AS own_starts
    FROM grouped
    ARRAY JOIN visits AS visit, arrayEnumerate(visits) AS position, arrayEnumerateUniq(visits.3) AS repetition
  )
SELECT
  source, case_id, toUInt32(position) AS position,
  c.service, c.department, c.district, c.channel, visited.team AS team, c.subtype,
  from_activity, activity, entered_at,
  if(empty(own_starts), NULL, toNullable(if(position = 1, own_starts[1].1, greatest(own_starts[1].1, entered_at)))) AS started_at,
  left_at,
  toUInt32(repetition) AS repetition,
  toUInt8(position = count) AS last
FROM visited
INNER JOIN cases_next AS c ON c.source = visited.source AND c.case_id = visited.case_id
