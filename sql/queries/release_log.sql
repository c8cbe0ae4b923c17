-- Every step of every release, or of one, in the order they were done.
SELECT number, release, step, at, key_id, key_name, reason, manifest
FROM release_log
WHERE {release: String} = '' OR release = {release: String}
ORDER BY number
