-- The visits of one case to its stages, in order.
SELECT position, activity AS stage, from_activity AS from_stage, team, entered_at, started_at, left_at, repetition
FROM stage_visits
WHERE source = {source: String} AND case_id = {case_id: String}
  AND left_at >= parseDateTime64BestEffort({first_at: String}, 6, 'UTC') AND left_at <= parseDateTime64BestEffort({last_at: String}, 6, 'UTC')
ORDER BY position
