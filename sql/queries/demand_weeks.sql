-- Cases by the week in which they began, for every service and for every district, channel and subtype of it.
SELECT service, dimension, value, groupArray(week) AS week, groupArray(n) AS cases
FROM
(
  SELECT service, facet.1 AS dimension, facet.2 AS value, week, sum(alike) AS n
  FROM
  (
    SELECT service, district, channel, subtype, intDiv(toInt32(toDate32(started_at, {zone: String})) + 3, 7) AS week, count() AS alike
    FROM cases
    WHERE started_at >= toDateTime64(concat(toString({since: Date32}), ' 00:00:00'), 6, {zone: String}) AND started_at < toDateTime64(concat(toString({until: Date32}), ' 00:00:00'), 6, {zone: String})
    AND (empty({service: Array(String)}) OR service IN {service: Array(String)})
    AND (empty({department: Array(String)}) OR department IN {department: Array(String)})
    AND (empty({district: Array(String)}) OR district IN {district: Array(String)})
    AND (empty({channel: Array(String)}) OR channel IN {channel: Array(String)})
    AND (empty({team: Array(String)}) OR team IN {team: Array(String)})
    GROUP BY service, district, channel, subtype, week
  )
  ARRAY JOIN [('', ''), ('district', toString(district)), ('channel', toString(channel)), ('subtype', toString(subtype))] AS facet
  WHERE facet.1 = '' OR facet.2 != ''
  GROUP BY service, dimension, value, week
  ORDER BY service, dimension, value, week
)
GROUP BY service, dimension, value
ORDER BY service, dimension, value
