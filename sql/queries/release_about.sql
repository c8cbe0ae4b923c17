-- What the public site says of each release, as its last build left it.
SELECT release, argMax(l.about, number) AS about
FROM release_log AS l
WHERE step = 'built' AND ({release: String} = '' OR release = {release: String})
GROUP BY release
ORDER BY release
