-- The cases behind a number, in order, from behind one on: with a stage those that left it in the period, and if asked those that still
-- stood there at its end; else those under way in it.
WITH
  toDateTime64(concat(toString({from: Date32}), ' 00:00:00'), 6, {zone: String}) AS from_at,
  toDateTime64(concat(toString({until: Date32}), ' 00:00:00'), 6, {zone: String}) AS until_at,
  -- where what is known of a source ends, if that is before the end of the period
  source -> least(toUnixTimestamp64Micro(until_at), transform(toString(source), {source_ids: Array(String)}, {source_ends: Array(Int64)}, toInt64(0))) AS seen_of,
  -- where an open case that is not begun goes next: where most cases of its district went
  followed AS
  (
    SELECT service, from_activity, district, argMax((activity, team), (n, activity, team)) AS next
    FROM
    (
      SELECT service, from_activity, district, activity, team, count() AS n
      FROM stage_visits
      WHERE {also: String} = 'waiting' AND position > 1 AND (empty({service: Array(String)}) OR service IN {service: Array(String)})
      GROUP BY service, from_activity, district, activity, team
    )
    GROUP BY service, from_activity, district
  ),
  stood AS
  (
    SELECT
      source, case_id, service, from_activity, team, entered_at, started_at,
      left_at < until_at AS gone,
      if(gone, toUnixTimestamp64Micro(left_at), seen_of(source)) AS last_us
    FROM stage_visits
    WHERE {stage: String} != '' AND position > 1 AND activity = {stage: String} AND left_at >= from_at
      AND (left_at < until_at OR ({also: String} = 'waiting' AND entered_at < until_at))
    UNION ALL
    SELECT
      source, case_id, service, from_activity, if(started_at IS NULL, next.2, team), entered_at, started_at, 0, seen_of(source)
    FROM open_visits
    LEFT JOIN followed USING (service, from_activity, district)
    WHERE {stage: String} != '' AND {also: String} = 'waiting' AND position > 1 AND if(started_at IS NULL, next.1, activity) = {stage: String}
      AND entered_at < until_at
  ),
  visited AS
  (
    SELECT
      source, case_id,
      count() AS times,
      -- of those still there up to now
      sum(greatest(0, least(ifNull(toUnixTimestamp64Micro(started_at), last_us), last_us) - toUnixTimestamp64Micro(entered_at))) AS wait_us,
      -- 0: left, 1: in work, 2: waiting
      max(if(gone, 0, if(ifNull(started_at < until_at, 0), 1, 2))) AS there
    FROM stood
    WHERE ({from_stage: String} = '' OR from_activity = {from_stage: String})
      AND (empty({service: Array(String)}) OR service IN {service: Array(String)})
      AND (empty({team: Array(String)}) OR team IN {team: Array(String)})
      AND ({dimension: String} != 'team' OR team = {value: String})
    GROUP BY source, case_id
  ),
  found AS
  (
    SELECT
      c.*,
      v.times AS times,
      v.wait_us AS wait_us,
      v.there AS there,
      seen_of(c.source) AS seen_until,
      ifNull(c.closed_at < until_at, 0) AS is_closed,
      if(is_closed, toUnixTimestamp64Micro(assumeNotNull(c.closed_at)), greatest(seen_until, toUnixTimestamp64Micro(c.started_at))) AS end_us,
      end_us - toUnixTimestamp64Micro(c.started_at) AS age_us,
      -- while the clock stands still nothing gets later
      if(c.extended_due_at IS NULL, NULL, if(is_closed, end_us, least(end_us, ifNull(toUnixTimestamp64Micro(c.paused_since), end_us))) - toUnixTimestamp64Micro(assumeNotNull(c.extended_due_at))) AS over_us,
      multiIf({sort: String} = 'started', toUnixTimestamp64Micro(c.started_at), {sort: String} = 'wait' AND {stage: String} != '', wait_us, age_us) AS key
    FROM cases AS c
    LEFT JOIN visited AS v ON v.source = c.source AND v.case_id = c.case_id
    WHERE
      if({stage: String} != '', times > 0, c.started_at < until_at AND ifNull(c.closed_at >= from_at, 1))
      AND multiIf({state: String} = 'open', NOT is_closed, {state: String} = 'closed', if({stage: String} != '', is_closed, ifNull(c.closed_at >= from_at AND c.closed_at < until_at, 0)), {state: String} = 'late', ifNull(over_us > 0, 0), 1)
      AND (empty({service: Array(String)}) OR c.service IN {service: Array(String)})
      AND (empty({department: Array(String)}) OR c.department IN {department: Array(String)})
      AND (empty({district: Array(String)}) OR c.district IN {district: Array(String)})
      AND (empty({channel: Array(String)}) OR c.channel IN {channel: Array(String)})
      -- the team of a stage is the one that worked on it
      AND ({stage: String} != '' OR empty({team: Array(String)}) OR c.team IN {team: Array(String)})
      AND multiIf({dimension: String} = 'district', c.district, {dimension: String} = 'channel', c.channel, {dimension: String} = 'subtype', c.subtype, {dimension: String} = 'outcome', c.outcome, {dimension: String} = 'claimed', c.claimed, {dimension: String} = 'team' AND {stage: String} = '', c.team, {value: String}) = {value: String}
  ),
  (SELECT (count(), sum(times), countIf(there > 0)) FROM found) AS totals
SELECT
  source, case_id, service, department, district, channel, team, subtype, claimed, outcome,
  started_at, closed_at,
  if(is_closed, 'closed', 'open') AS state,
  due_at, extended_due_at,
  last_activity AS current_stage,
  paused_since IS NOT NULL AS paused,
  if({stage: String} = '', NULL, ['left', 'in_work', 'waiting'][there + 1]) AS stage_state,
  if({stage: String} = '', NULL, times) AS stage_visits,
  if({stage: String} = '', NULL, wait_us / 3.6e9) AS stage_hours,
  age_us / 3.6e9 AS hours,
  if(over_us > 0, over_us / 3.6e9, NULL) AS late_by_hours,
  key,
  totals.1 AS total_cases,
  totals.2 AS total_visits,
  totals.3 AS total_there
FROM found
WHERE {after_case: String} = '' OR key < {after_key: Int64} OR (key = {after_key: Int64} AND (toString(source), case_id) > ({after_source: String}, {after_case: String}))
ORDER BY key DESC, toString(source), case_id
LIMIT {limit: UInt64}
