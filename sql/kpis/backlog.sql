-- Cases open at the end of each bucket: begun before it less ended before it, since the beginning of the data.
SELECT end AS bucket, segment, sum(net) AS open
FROM
(
  SELECT day, multiIf({dimension: String} = 'service', service, {dimension: String} = 'department', department, {dimension: String} = 'district', district, {dimension: String} = 'channel', channel, {dimension: String} = 'team', team, {dimension: String} = 'service and district', toLowCardinality(concat(service, '\n', district)), {dimension: String} = 'service and channel', toLowCardinality(concat(service, '\n', channel)), '') AS segment, toInt64(sum(received)) - toInt64(sum(closed)) AS net
  FROM daily_cases
  WHERE
    (empty({service: Array(String)}) OR service IN {service: Array(String)})
    AND (empty({department: Array(String)}) OR department IN {department: Array(String)})
    AND (empty({district: Array(String)}) OR district IN {district: Array(String)})
    AND (empty({channel: Array(String)}) OR channel IN {channel: Array(String)})
    AND (empty({team: Array(String)}) OR team IN {team: Array(String)})
  GROUP BY day, segment
)
ARRAY JOIN {ends: Array(Date32)} AS end
WHERE day < end
GROUP BY bucket, segment
ORDER BY bucket, segment
