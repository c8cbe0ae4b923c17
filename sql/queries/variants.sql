-- Variants: the ways cases took, whole, of the cases whose last event lies in the period, the most frequent first; the row without steps is all of them.
WITH
  -- no visit of these cases lies before
  (
    SELECT min(first_event_at) FROM cases
    WHERE last_event_at >= toDateTime64(concat(toString({from: Date32}), ' 00:00:00'), 6, {zone: String})
      AND (empty({service: Array(String)}) OR service IN {service: Array(String)})
  ) AS since,
  -- a way is the sum of the hashes of its steps: no list is made for a case, only for the ways that are answered
  (
    SELECT groupArray((steps, cases, open, example, mean_s, quantiles, min_s, max_s, sum_s, happy_rank, variants))
    FROM
    (
      SELECT
        *,
        row_number() OVER (PARTITION BY steps = 0 ORDER BY cases DESC, hash, steps) AS rank,
        row_number() OVER (PARTITION BY steps = 0 ORDER BY cases - open DESC, cases DESC, hash, steps) AS happy_rank,
        count() OVER (PARTITION BY steps = 0) AS variants
      FROM
      (
        SELECT
          hash,
          steps,
          count() AS cases,
          countIf(case_key IN (
            SELECT cityHash64(source, case_id) FROM cases
            WHERE closed_at IS NULL AND last_event_at >= toDateTime64(concat(toString({from: Date32}), ' 00:00:00'), 6, {zone: String})
              AND (empty({service: Array(String)}) OR service IN {service: Array(String)})
          )) AS open,
          min(case_key) AS example,
          sum_s / cases AS mean_s,
          arrayMap(q -> q / 1e6, quantilesExactInclusive(0.5, 0.9, 0.95)(us)) AS quantiles,
          min(us) / 1e6 AS min_s,
          max(us) / 1e6 AS max_s,
          -- microseconds of many people are more than 64 bits hold
          sum(toInt128(us)) / 1e6 AS sum_s
        FROM
        (
          SELECT
            cityHash64(source, case_id) AS case_key,
            sum(cityHash64(position, activity)) AS hash,
            count() AS steps,
            toUnixTimestamp64Micro(max(left_at)) - toUnixTimestamp64Micro(min(ifNull(started_at, left_at))) AS us
          FROM stage_visits
          WHERE left_at >= since AND left_at < toDateTime64(concat(toString({until: Date32}), ' 00:00:00'), 6, {zone: String})
            AND (empty({service: Array(String)}) OR service IN {service: Array(String)})
            AND case_key IN (
              SELECT cityHash64(source, case_id) FROM stage_visits
              WHERE last = 1
                AND left_at >= toDateTime64(concat(toString({from: Date32}), ' 00:00:00'), 6, {zone: String}) AND left_at < toDateTime64(concat(toString({until: Date32}), ' 00:00:00'), 6, {zone: String})
                AND (empty({service: Array(String)}) OR service IN {service: Array(String)})
                AND (empty({department: Array(String)}) OR department IN {department: Array(String)})
                AND (empty({district: Array(String)}) OR district IN {district: Array(String)})
                AND (empty({channel: Array(String)}) OR channel IN {channel: Array(String)})
            )
          GROUP BY case_key
          -- a team had a part in the case when one of the visits was its own
          HAVING empty({team: Array(String)}) OR countIf(team IN {team: Array(String)}) > 0
        )
        GROUP BY GROUPING SETS ((hash, steps), ())
      )
    )
    WHERE rank <= {limit: UInt64} OR happy_rank = 1
  ) AS ways
SELECT
  way.1 AS steps,
  if(steps = 0, [], path) AS path,
  way.2 AS cases,
  way.3 AS open_cases,
  way.5 AS mean_s,
  way.6[1] AS median_s,
  way.6[2] AS p90_s,
  way.6[3] AS p95_s,
  way.7 AS min_s,
  way.8 AS max_s,
  way.9 AS sum_s,
  way.10 = 1 AS is_happy,
  way.11 AS variants
FROM (SELECT arrayJoin(ways) AS way, way.4 AS example) AS told
LEFT JOIN
(
  SELECT cityHash64(source, case_id) AS example, arrayMap(step -> step.2, arraySort(groupArray((position, toString(activity))))) AS path
  FROM stage_visits
  WHERE left_at >= since AND left_at < toDateTime64(concat(toString({until: Date32}), ' 00:00:00'), 6, {zone: String})
    AND (empty({service: Array(String)}) OR service IN {service: Array(String)})
    AND cityHash64(source, case_id) IN (SELECT arrayJoin(ways.4))
  GROUP BY example
) AS paths USING example
ORDER BY steps = 0 DESC, cases DESC, path
