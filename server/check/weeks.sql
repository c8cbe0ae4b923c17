-- Which months of the tables by weeks disagree with the visits they are made of? Months that wait to be made are left out.
WITH
  made AS (SELECT month FROM weekly_changes GROUP BY month HAVING max(changed) <= max(made)),
  visits AS (SELECT toYYYYMM(left_at) AS month, count() AS n FROM stage_visits GROUP BY month),
  compared AS (
    SELECT 'weekly_visits' AS name, month, sum(n) AS held FROM (SELECT month, sum(visits) AS n FROM weekly_visits GROUP BY month) GROUP BY month
    UNION ALL
    SELECT 'weekly_moves', month, sum(visits) FROM weekly_ways GROUP BY month
    UNION ALL
    SELECT 'weekly_ends', month, sum(arraySum(on_days)) FROM weekly_ends GROUP BY month
  ),
  names AS (SELECT arrayJoin(['weekly_visits', 'weekly_moves', 'weekly_ends']) AS name)
SELECT
  concat('table ', names.name) AS subject,
  concat('it holds ', toString(compared.held), ' visits of month ', toString(made.month), ', there are ', toString(visits.n)) AS problem,
  'Derive it anew: clearway check --mend.' AS remedy
FROM made
CROSS JOIN names
LEFT JOIN compared ON compared.month = made.month AND compared.name = names.name
LEFT JOIN visits ON visits.month = made.month
WHERE compared.held != visits.n
ORDER BY subject, problem
