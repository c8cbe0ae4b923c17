-- The ledger of loads, newest first; one of them when {load_id} is not empty. {only} is all, rejected or failed; {before} 0 begins with the newest.
SELECT
  load_id, load_no, stream, source, mapping, service, file_name, bytes, toString(state) AS state,
  read, accepted, rejected, duplicates, corrected, first_time, last_time, error, started_at, finished_at,
  if(finished_at IS NULL, NULL, dateDiff('millisecond', started_at, assumeNotNull(finished_at)) / 1000) AS seconds
FROM loads FINAL
WHERE ({load_id: String} = '' OR load_id = {load_id: String})
  AND ({before: UInt32} = 0 OR load_no < {before: UInt32})
  AND ({only: String} != 'rejected' OR rejected > 0)
  AND ({only: String} != 'failed' OR loads.state IN ('failed', 'cancelled'))
ORDER BY load_no DESC
LIMIT {limit: UInt32}
