-- The first rows of one load that did not fit, in the order of the source.
SELECT line, field, rule, reason, raw
FROM rejected_rows FINAL
WHERE load_id = {load_id: String}
ORDER BY line, field, rule
LIMIT {limit: UInt32}
