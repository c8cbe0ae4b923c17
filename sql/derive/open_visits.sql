-- One row for every case that is open of those whose events are in `derive_facts`: the activity that ended last and when, and what was begun since.
INSERT INTO open_visits_next
SELECT
  source, case_id,
  toUInt32(length(visits) + 1) AS position,
  c.service, c.department, c.district, c.channel, open.team AS team, c.subtype,
  if(empty(visits), '', visits[-1].3) AS from_activity,
  if(empty(begun), '', begun[-1].3) AS activity,
  if(empty(visits), c.started_at, visits[-1].1) AS entered_at,
  if(empty(begun), NULL, toNullable(begun[-1].1)) AS started_at,
  c.paused_since AS paused_since,
  toUInt8(arrayExists(v -> v.3 = activity, visits)) AS again
FROM
(
  SELECT
    source,
    case_id,
    arraySort(e -> (e.1, e.2), groupArray((f.time, f.seq, toString(f.activity), f.lifecycle, toString(f.team)))) AS events,
    arrayFilter(e -> e.4 NOT IN ('start', 'schedule', 'assign', 'suspend', 'resume'), events) AS visits,
    arrayFilter(e -> e.4 = 'start' AND (empty(visits) OR (e.1, e.2) > (visits[-1].1, visits[-1].2)), events) AS begun,
    arrayLast(e -> e.5 != '', events).5 AS team
  FROM derive_facts AS f
  WHERE f.contact = '' AND (source, case_id) IN (SELECT source, case_id FROM cases_next WHERE closed_at IS NULL)
  GROUP BY source, case_id
) AS open
INNER JOIN cases_next AS c ON c.source = open.source AND c.case_id = open.case_id
