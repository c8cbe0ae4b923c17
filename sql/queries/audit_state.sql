-- How many entries the audit has, in how many chains, from when until when, and how many were emptied.
SELECT count() AS entries, uniqExact(chain) AS chains, countIf(salt = '') AS emptied,
  if(entries = 0, NULL, min(at)) AS first_at, if(entries = 0, NULL, max(at)) AS last_at
FROM audit
