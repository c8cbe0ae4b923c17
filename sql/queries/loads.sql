-- The ledger of loads, newest first; one of them when {load_id} is not empty.
SELECT
  load_id, load_no, stream, source, mapping, service, file_name, bytes, toString(state) AS state,
  read, accepted, rejected, duplicates, corrected, first_time, last_time, error, started_at, finished_at,
  if(finished_at IS NULL, NULL, dateDiff('millisecond', started_at, assumeNotNull(finished_at)) / 1000) AS seconds
FROM loads FINAL
WHERE {load_id: String} = '' OR load_id = {load_id: String}
ORDER BY loads.started_at DESC, load_no DESC
LIMIT {limit: UInt32}
