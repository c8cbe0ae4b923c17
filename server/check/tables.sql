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
SELECT subject, problem, remedy
FROM (
  SELECT concat('load ', load_id) AS subject, concat('its rows do not add up: ', toString(read), ' read, ', toString(accepted), ' accepted, ', toString(rejected), ' rejected, ', toString(duplicates), ' duplicates') AS problem, 'Restore the last backup; what was loaded after it can be loaded again.' AS remedy
  FROM ledger
  WHERE state = 'done' AND read != accepted + rejected + duplicates
  UNION ALL
  SELECT concat('load ', load_id), concat('it is still ', toString(state), ' since ', toString(started_at), ' UTC'), 'A running server completes it within a minute; else load its file again.'
  FROM ledger
  WHERE state IN ('checking', 'staging', 'publishing')
  UNION ALL
  -- rejected rows are kept for 30 days
  SELECT concat('load ', load_id), concat('the ledger says ', toString(rejected), ' rejected rows, table rejected_rows holds ', toString(kept.lines)), 'What is missing cannot be seen any more; mend the rows in the source.'
  FROM ledger
  LEFT JOIN (SELECT load_id, uniqExact(line) AS lines FROM rejected_rows FINAL GROUP BY load_id) AS kept ON kept.load_id = ledger.load_id
  WHERE state = 'done' AND kept.lines != rejected AND finished_at > now() - INTERVAL 29 DAY
  UNION ALL
  SELECT concat('table ', held.stream), concat('it holds ', toString(held.facts), ' rows of load number ', toString(held.load_no), ', which the ledger does not know as done'), 'Restore the last backup; what was loaded after it can be loaded again.'
  FROM held
  WHERE held.load_no NOT IN (SELECT load_no FROM ledger WHERE state = 'done')
  UNION ALL
  SELECT concat('load ', ledger.load_id), concat('the ledger says ', toString(ledger.facts), ' facts', if(erased.facts > 0, concat(', ', toString(erased.facts), ' of them erased'), ''), ', table ', ledger.stream, ' holds ', toString(held.facts)), 'Restore the last backup; what was loaded after it can be loaded again.'
  FROM ledger
  LEFT JOIN erased ON erased.load_no = ledger.load_no AND erased.stream = ledger.stream
  LEFT JOIN held ON held.load_no = ledger.load_no AND held.stream = ledger.stream
  LEFT JOIN replaced ON replaced.stream = ledger.stream
  WHERE ledger.state = 'done' AND (held.facts + erased.facts > ledger.facts OR (held.facts + erased.facts < ledger.facts AND replaced.corrected = 0))
  UNION ALL
  SELECT concat('table ', derived.name), concat('it holds ', toString(derived.n), ' rows, ', derived.of, ' ', toString(derived.expected)), 'Derive it anew: clearway check --mend.'
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
    SELECT 'daily_cases', (SELECT sum(closed) FROM daily_cases), 'closed, the cases are', (SELECT count() FROM cases WHERE closed_at IS NOT NULL)
    UNION ALL
    SELECT 'daily_wait_times', (SELECT sum(told) FROM daily_wait_times), 'waits, there are', (SELECT count() FROM current_waits)
    UNION ALL
    SELECT 'daily_wait_times', (SELECT sum(served) FROM daily_wait_times), 'served, the waits are', (SELECT count() FROM current_waits WHERE status = 'served' AND wait_ms IS NOT NULL)
    UNION ALL
    SELECT 'daily_outcomes', (SELECT sum(told) FROM daily_outcomes), 'outcomes, there are', (SELECT count() FROM current_outcomes)
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
  SELECT concat('table ', name), 'it was left behind by a load that ended', 'A running server removes it within a minute.'
  FROM system.tables
  WHERE database = currentDatabase() AND match(name, '^[a-z][a-z_]*_[0-9a-f]{16}$')
    AND extract(name, '[0-9a-f]{16}$') NOT IN (SELECT load_id FROM ledger WHERE state IN ('checking', 'staging', 'publishing'))
)
ORDER BY subject, problem
