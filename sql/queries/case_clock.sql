-- What moved the clock of one case, in order. A reason that fewer than five cases share may be free text and is not told.
WITH
  own AS
  (
    SELECT time, toString(clock) AS event, activity AS stage, reason, seq
    FROM case_events FINAL
    WHERE source = {source: String} AND case_id = {case_id: String} AND clock != ''
  )
SELECT
  time, event, stage,
  if(reason IN (SELECT reason FROM case_events WHERE reason != '' AND reason IN (SELECT reason FROM own) GROUP BY reason HAVING uniqUpTo(5)(source, case_id) >= 5), reason, '') AS reason
FROM own
ORDER BY time, seq
