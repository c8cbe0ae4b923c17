-- Who was a customer and what they said, by quarter, service and channel: ratings by what they tell, and each of the seven drivers.
SELECT
  toString(toStartOfQuarter(toDate32(at, {zone: String}))) AS bucket, service, channel,
  count() AS customers,
  countIf(rating = 3) AS neither,
  countIf(rating <= 2) AS dissatisfied,
  -- in the order of the drivers
  sumForEach(arrayMap(d -> toUInt64(answered AND d IS NOT NULL), [effectiveness, ease, speed, transparency, humanity, employee, trust] AS drivers)) AS told,
  sumForEach(arrayMap(d -> toUInt64(answered AND ifNull(d >= 4, 0)), drivers)) AS positive
FROM current_outcomes
WHERE at >= toDateTime64(concat(toString({from: Date32}), ' 00:00:00'), 6, {zone: String}) AND at < toDateTime64(concat(toString({until: Date32}), ' 00:00:00'), 6, {zone: String})
GROUP BY bucket, service, channel
ORDER BY bucket, service, channel
