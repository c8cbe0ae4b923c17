-- Entries of the audit that are not as they were written, the earliest first. {heads} are entries that were seen before, as chain:no:hash.
WITH
  texts AS
  (
    SELECT
      chain, no, at, previous, hash, salt = '' AS emptied, seal,
      arrayStringConcat(arrayMap(x -> concat(toString(length(x)), ':', x, ','), [salt, object])) AS about,
      arrayStringConcat(arrayMap(x -> concat(toString(length(x)), ':', x, ','), arrayConcat(
        [chain, toString(no), toString(toUnixTimestamp64Milli(at)), actor_kind, actor_id, actor_name, deed, seal, purpose, detail, request_id, address, previous],
        after
      ))) AS all_else
    FROM audit
  ),
  linked AS
  (
    SELECT
      chain, no, at, previous,
      hash = lower(hex(SHA256(all_else))) AND (emptied AND about = '0:,0:,' OR NOT emptied AND seal = lower(hex(SHA256(about)))) AS genuine,
      lagInFrame(no) OVER in_order AS no_before, lagInFrame(hash) OVER in_order AS hash_before
    FROM texts
    WINDOW in_order AS (PARTITION BY chain ORDER BY no ROWS BETWEEN 1 PRECEDING AND CURRENT ROW)
  ),
  -- up to where chains were taken away because their time was over
  trimmed AS
  (
    SELECT splitByChar(':', mark)[1] AS chain, max(toUInt64OrZero(splitByChar(':', mark)[2])) AS until_no, argMax(splitByChar(':', mark)[3], toUInt64OrZero(splitByChar(':', mark)[2])) AS until_hash
    FROM (SELECT arrayJoin(JSONExtract(detail, 'entries', 'Array(String)')) AS mark FROM audit WHERE deed = 'audit_trim')
    GROUP BY chain
  ),
  judged AS
  (
    SELECT
      linked.chain AS chain, linked.no AS its_no, at,
      if(no_before <= until_no, until_no, no_before) AS expected_after,
      if(no_before <= until_no, until_hash, hash_before) AS expected_hash,
      multiIf(
        its_no <= expected_after, 'doubled', its_no != expected_after + 1, 'missing',
        NOT genuine, 'changed', previous != expected_hash, 'replaced', ''
      ) AS fault
    FROM linked LEFT JOIN trimmed ON linked.chain = trimmed.chain
    WHERE linked.no > until_no
  ),
  -- what a chain began after, and what was seen before, must still be there
  marks AS
  (
    SELECT arrayJoin(after) AS mark, at FROM audit WHERE notEmpty(after)
    UNION ALL
    SELECT arrayJoin({heads: Array(String)}) AS mark, now64(3, 'UTC') AS at
  ),
  seen AS
  (
    SELECT splitByChar(':', mark)[1] AS chain, toUInt64OrZero(splitByChar(':', mark)[2]) AS no, splitByChar(':', mark)[3] AS hash, min(at) AS at
    FROM marks GROUP BY mark
  )
SELECT chain, no, min(found.at) AS at, any(found.problem) AS problem
FROM
(
  SELECT chain, multiIf(fault = 'missing', expected_after + 1, fault = 'replaced', expected_after, its_no) AS no, at, fault AS problem
  FROM judged
  WHERE fault != ''
  UNION ALL
  SELECT seen.chain, seen.no, seen.at, if(held.hash = '', 'cut', 'replaced') AS problem
  FROM seen LEFT JOIN (SELECT chain, no, hash FROM audit WHERE (chain, no) IN (SELECT chain, no FROM seen)) AS held ON seen.chain = held.chain AND seen.no = held.no
  WHERE seen.hash != held.hash
    AND (seen.chain, seen.no) NOT IN (SELECT seen.chain, seen.no FROM seen INNER JOIN trimmed ON seen.chain = trimmed.chain WHERE seen.no <= until_no)
  UNION ALL
  SELECT chain, no, at, 'emptied' AS problem
  FROM audit
  WHERE salt = '' AND concat(chain, ':', toString(no)) NOT IN (SELECT arrayJoin(JSONExtract(detail, 'entries', 'Array(String)')) FROM audit WHERE deed = 'audit_empty')
) AS found
GROUP BY chain, no
ORDER BY at, chain, no
LIMIT {limit: UInt32}
