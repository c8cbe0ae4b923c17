-- How many comments of the period are about each theme, and of those with a rating how many are satisfied. A comment may be about several.
SELECT
  theme,
  count() AS comments,
  countIf(rating IS NOT NULL) AS rated,
  countIf(rating >= 4) AS satisfied
FROM
(
  SELECT rating, arrayJoin(arrayConcat(['all'], themes, if(empty(themes), ['none'], []))) AS theme
  FROM comments
  WHERE at >= toDateTime64(concat(toString({from: Date32}), ' 00:00:00'), 6, {zone: String}) AND at < toDateTime64(concat(toString({until: Date32}), ' 00:00:00'), 6, {zone: String})
    AND (empty({service: Array(String)}) OR service IN {service: Array(String)})
    AND (empty({department: Array(String)}) OR department IN {department: Array(String)})
    AND (empty({district: Array(String)}) OR district IN {district: Array(String)})
    AND (empty({channel: Array(String)}) OR channel IN {channel: Array(String)})
    AND (empty({team: Array(String)}) OR team IN {team: Array(String)})
)
GROUP BY theme
ORDER BY comments DESC, theme
