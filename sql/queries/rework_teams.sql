-- Ping-pong: how often a case came back to a team (`team`) straight from another one (`via`), and the time it took there again; the row without teams is all of them.
WITH
  -- no visit of these cases lies before
  (
    SELECT min(first_event_at) FROM cases
    WHERE last_event_at >= toDateTime64(concat(toString({from: Date32}), ' 00:00:00'), 6, {zone: String})
      AND (empty({service: Array(String)}) OR service IN {service: Array(String)})
  ) AS since,
  (SELECT groupUniqArray(toString(team)) FROM stage_visits WHERE empty({service: Array(String)}) OR service IN {service: Array(String)}) AS teams,
  arrayMap(name -> cityHash64(name), teams) AS hashes
SELECT
  grouping(team) = 1 AS is_all,
  teams[indexOf(hashes, runs[back].2)] AS team,
  teams[indexOf(hashes, runs[back - 1].2)] AS via,
  count() AS times,
  uniqExact(case_key) AS cases,
  sum(toInt128(arraySum(step -> if(step.1 >= runs[back].1 AND (back = length(runs) OR step.1 < runs[back + 1].1), step.3, 0), steps))) / 1e6 AS extra_s
FROM
(
  SELECT
    case_key,
    arraySort(step -> step.1, arrayZip(positions, of_teams, times, inside)) AS steps,
    -- the first of the visits that a team has one after another
    arrayFilter((step, before) -> step.2 != before, steps, arrayPushFront(arrayPopBack(steps.2), toUInt64(0))) AS runs,
    arrayFilter((at, step, two_before) -> step.4 AND step.2 = two_before, arrayEnumerate(runs), runs, arrayConcat([0, 0], arrayPopBack(arrayPopBack(runs.2)))) AS backs
  FROM
  (
    SELECT
      cityHash64(source, case_id) AS case_key,
      groupArray(position) AS positions,
      groupArray(cityHash64(toString(team))) AS of_teams,
      groupArray(toUnixTimestamp64Micro(left_at) - toUnixTimestamp64Micro(entered_at)) AS times,
      groupArray(left_at >= toDateTime64(concat(toString({from: Date32}), ' 00:00:00'), 6, {zone: String})) AS inside,
      arrayCompact(arraySort((name, position) -> position, of_teams, positions)) AS sequence
    FROM stage_visits
    WHERE team != '' AND left_at >= since AND left_at < toDateTime64(concat(toString({until: Date32}), ' 00:00:00'), 6, {zone: String})
      AND (empty({service: Array(String)}) OR service IN {service: Array(String)})
      AND (empty({department: Array(String)}) OR department IN {department: Array(String)})
      AND (empty({district: Array(String)}) OR district IN {district: Array(String)})
      AND (empty({channel: Array(String)}) OR channel IN {channel: Array(String)})
    GROUP BY case_key
    HAVING arrayExists((name, next) -> name = next, arrayPopBack(arrayPopBack(sequence)), arrayPopFront(arrayPopFront(sequence)))
  )
)
ARRAY JOIN backs AS back
WHERE empty({team: Array(String)}) OR team IN {team: Array(String)}
GROUP BY GROUPING SETS ((team, via), ())
ORDER BY is_all DESC, extra_s DESC, team, via
