-- The events in `gathered_facts`, each with the kind of contact it is; empty for a step of the case. What moves the clock is a step, whatever it is called.
WITH
  (SELECT (arrayPushBack(groupArray(name), ''), arrayPushBack(groupArray(toString(kind)), '')) FROM contact_kinds FINAL) AS known
SELECT
  *,
  if(clock != '', '', transform(lower(toString(reason)), known.1, known.2, transform(lower(toString(activity)), known.1, known.2, ''))) AS contact
FROM gathered_facts
