-- Entries of the audit, the newest first, behind the place where the last page ended ({after_at} 0 begins with the newest).
SELECT
  chain, no, at, toUnixTimestamp64Milli(at) AS key, actor_kind, actor_id, actor_name, deed, object, salt = '' AS emptied, purpose, detail, request_id, address, hash
FROM audit
WHERE (chain, no) IN
(
  SELECT chain, no
  FROM audit
  WHERE at >= toDateTime64(concat(toString({from: Date32}), ' 00:00:00'), 3, {zone: String})
    AND at < toDateTime64(concat(toString({until: Date32}), ' 00:00:00'), 3, {zone: String})
    AND ({actor: String} = '' OR actor_id = {actor: String} OR positionCaseInsensitiveUTF8(actor_name, {actor: String}) > 0)
    AND (empty({deed: Array(String)}) OR deed IN {deed: Array(String)})
    AND ({object: String} = '' OR object = {object: String})
    AND ({search: String} = '' OR positionCaseInsensitiveUTF8(concat(actor_name, '\n', object, '\n', purpose, '\n', detail, '\n', request_id), {search: String}) > 0)
    AND ({after_at: Int64} = 0 OR (toUnixTimestamp64Milli(at), chain, no) < ({after_at: Int64}, {after_chain: String}, {after_no: UInt64}))
  ORDER BY at DESC, chain DESC, no DESC
  LIMIT {limit: UInt32}
)
ORDER BY at DESC, chain DESC, no DESC
