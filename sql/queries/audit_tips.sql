-- The last entries of the chains of the audit that no chain began after, as chain:no:hash: a new chain begins after them.
SELECT concat(chain, ':', toString(no), ':', hash) AS mark
FROM audit
WHERE (chain, no) IN (SELECT chain, max(no) FROM audit GROUP BY chain)
  AND mark NOT IN (SELECT arrayJoin(after) FROM audit WHERE notEmpty(after))
ORDER BY mark
