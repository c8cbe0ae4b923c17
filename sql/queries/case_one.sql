-- One case as it stands now.
SELECT
  source, case_id, service, department, district, channel, team, subtype, claimed, outcome,
  started_at, closed_at, due_at, extended_due_at, last_activity AS current_stage, first_event_at, last_event_at, paused_since
FROM cases
WHERE source = {source: String} AND case_id = {case_id: String}
