-- What was done and when: for the services asked for (and for all of them), in a period when one is given.
SELECT id, service, stage, toString(a.day) AS day, if(a.until IS NULL, NULL, toString(a.until)) AS until, text, author, declared, created_at
FROM annotations AS a FINAL
WHERE deleted = 0
  AND (empty({service: Array(String)}) OR service = '' OR service IN {service: Array(String)})
  AND ({from: String} = '' OR toString(ifNull(a.until - 1, a.day)) >= {from: String})
  AND ({until: String} = '' OR toString(a.day) < {until: String})
ORDER BY a.day, created_at, id
