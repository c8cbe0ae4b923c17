-- How many contacts of each kind were made in the period.
SELECT kind.1 AS contact_kind, sum(kind.2) AS contacts
FROM
(
  SELECT arrayJoin([('chasing', chasing), ('challenging', challenging), ('other', other_contacts)]) AS kind
  FROM daily_cases
  WHERE day >= {from: Date32} AND day < {until: Date32}
    AND (empty({service: Array(String)}) OR service IN {service: Array(String)})
    AND (empty({department: Array(String)}) OR department IN {department: Array(String)})
    AND (empty({district: Array(String)}) OR district IN {district: Array(String)})
    AND (empty({channel: Array(String)}) OR channel IN {channel: Array(String)})
    AND (empty({team: Array(String)}) OR team IN {team: Array(String)})
)
GROUP BY contact_kind
ORDER BY contact_kind
