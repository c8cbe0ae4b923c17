-- Where do the ledger and the tables disagree? One row a disagreement; no rows when all is well.
WITH
  ledger AS (SELECT * FROM loads FINAL),
  held AS (
    SELECT 'case_events' AS stream, load_no, count() AS facts FROM case_events FINAL GROUP BY load_no
    UNION ALL
    SELECT 'wait_times' AS stream, load_no, count() AS facts FROM wait_times FINAL GROUP BY load_no
    UNION ALL
    SELECT 'outcomes' AS stream, load_no, count() AS facts FROM outcomes FINAL GROUP BY load_no
  ),
  -- facts that are gone because somebody was erased
  erased AS (SELECT stream, load_no, sum(e.facts) AS facts FROM erased_facts AS e FINAL GROUP BY stream, load_no),
  -- corrections and deletions replace facts of other loads of the stream
  replaced AS (SELECT stream, sum(corrected) AS corrected FROM ledger GROUP BY stream)
SELECT subject, problem
FROM (
  SELECT concat('load ', load_id) AS subject, concat('its rows do not add up: ', toString(read), ' read, ', toString(accepted), ' accepted, ', toString(rejected), ' rejected, ', toString(duplicates), ' duplicates') AS problem
  FROM ledger
  WHERE state = 'done' AND read != accepted + rejected + duplicates
  UNION ALL
  SELECT concat('load ', load_id), concat('it is still ', toString(state), ' since ', toString(started_at), ' UTC')
  FROM ledger
  WHERE state IN ('checking', 'staging', 'publishing')
  UNION ALL
  SELECT concat('table ', held.stream), concat('it holds ', toString(held.facts), ' rows of load number ', toString(held.load_no), ', which the ledger does not know as done')
  FROM held
  WHERE held.load_no NOT IN (SELECT load_no FROM ledger WHERE state = 'done')
  UNION ALL
  SELECT concat('load ', ledger.load_id), concat('the ledger says ', toString(ledger.facts), ' facts', if(erased.facts > 0, concat(', ', toString(erased.facts), ' of them erased'), ''), ', table ', ledger.stream, ' holds ', toString(held.facts))
  FROM ledger
  LEFT JOIN erased ON erased.load_no = ledger.load_no AND erased.stream = ledger.stream
  LEFT JOIN held ON held.load_no = ledger.load_no AND held.stream = ledger.stream
  LEFT JOIN replaced ON replaced.stream = ledger.stream
  WHERE ledger.state = 'done' AND (held.facts + erased.facts > ledger.facts OR (held.facts + erased.facts < ledger.facts AND replaced.corrected = 0))
  UNION ALL
  SELECT concat('table ', derived.name), concat('it holds ', toString(derived.n), ' rows, ', derived.of, ' ', toString(derived.expected))
  FROM
  (
    SELECT 'cases' AS name, (SELECT count() FROM cases) AS n, 'the events name' AS of, (SELECT uniqExact(source, case_id) FROM case_events FINAL) AS expected
    UNION ALL
    SELECT 'stage_visits', (SELECT count() FROM stage_visits), 'the cases have', (SELECT sum(visits) FROM cases)
    UNION ALL
    SELECT 'current_waits', (SELECT count() FROM current_waits), 'the facts are', (SELECT count() FROM wait_times FINAL)
    UNION ALL
    SELECT 'current_outcomes', (SELECT count() FROM current_outcomes), 'the facts are', (SELECT count() FROM outcomes FINAL)
    UNION ALL
    SELECT 'daily_cases', (SELECT sum(received) FROM daily_cases), 'received, the cases are', (SELECT count() FROM cases)
    UNION ALL
    SELECT 'daily_outcomes', (SELECT sum(answered) FROM daily_outcomes), 'answered, the answers are', (SELECT countIf(answered) FROM current_outcomes)
    UNION ALL
    -- where words are forgotten after a time, fewer are right
    SELECT 'comments', (SELECT count() FROM comments), 'the outcomes have',
      if((SELECT count() FROM system.tables WHERE database = currentDatabase() AND name = 'comments' AND create_table_query LIKE '% TTL %') > 0,
        least((SELECT countIf(commented) FROM current_outcomes), (SELECT count() FROM comments)), (SELECT countIf(commented) FROM current_outcomes))
  ) AS derived
  WHERE derived.n != derived.expected
  UNION ALL
  SELECT concat('table ', name), 'it was left behind by a load that ended'
  FROM system.tables
  WHERE database = currentDatabase() AND match(name, '^[a-z][a-z_]*_[0-9a-f]{16}$')
    AND extract(name, '[0-9a-f]{16}$') NOT IN (SELECT load_id FROM ledger WHERE state IN ('checking', 'staging', 'publishing'))
)
ORDER BY subject, problem
