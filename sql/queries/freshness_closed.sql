-- Closed days of each calendar as days since 1970, and the days it is made for (both inclusive).
SELECT calendar, toInt32(min(day)) AS first_day, toInt32(max(day)) AS last_day, arraySort(groupArrayIf(toInt32(day), working = 0)) AS closed
FROM calendar_days FINAL
GROUP BY calendar
ORDER BY calendar
