-- The events in `gathered_facts`, each with the kind of contact it is; empty for a step of the case. What moves the clock is a step, whatever it is called.
WITH
  (SELECT (groupArray(name), groupArray(toString(kind))) FROM contact_kinds FINAL) AS known,
  word -> known.2[indexOf(known.1, lower(toString(word)))] AS kind_of
SELECT
  *,
  multiIf(empty(known.1) OR clock != '', '', kind_of(reason) != '', kind_of(reason), kind_of(activity)) AS contact
FROM gathered_facts
