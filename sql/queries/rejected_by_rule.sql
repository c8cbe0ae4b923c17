-- Which rules the rows of one load broke, most frequent first, with one reason as an example.
SELECT field, rule, any(rejected_rows.reason) AS reason, uniqExact(line) AS rows
FROM rejected_rows FINAL
WHERE load_id = {load_id: String}
GROUP BY field, rule
ORDER BY rows DESC, field, rule
