-- Each month of the release calendar as it was last announced, and how many times that was changed.
SELECT month, argMax(c.at, noted_at) AS at, argMax(c.reason, noted_at) AS reason, argMax(c.cancelled, noted_at) AS cancelled,
  toUInt32(count() - 1) AS sequence
FROM release_calendar AS c
GROUP BY month
ORDER BY month
