-- Entries of the audit with all that is needed to work their hashes out again, the oldest first.
SELECT
  chain, no, at, actor_kind, actor_id, actor_name, deed, object, salt, seal, purpose, detail, request_id, address, previous, after, hash
FROM audit
WHERE at >= toDateTime64(concat(toString({from: Date32}), ' 00:00:00'), 3, {zone: String})
  AND at < toDateTime64(concat(toString({until: Date32}), ' 00:00:00'), 3, {zone: String})
  AND ({actor: String} = '' OR actor_id = {actor: String} OR positionCaseInsensitiveUTF8(actor_name, {actor: String}) > 0)
  AND (empty({deed: Array(String)}) OR deed IN {deed: Array(String)})
  AND ({object: String} = '' OR object = {object: String})
  AND ({search: String} = '' OR positionCaseInsensitiveUTF8(concat(actor_name, '\n', object, '\n', purpose, '\n', detail, '\n', request_id), {search: String}) > 0)
ORDER BY at, chain, no
SETTINGS max_bytes_before_external_sort = 268435456
