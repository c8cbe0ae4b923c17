-- How many cases, waits and outcomes are in exactly one of two choices: whoever knows the figures of both knows those of the difference.
WITH
  toDateTime64(concat(toString({from: Date32}), ' 00:00:00'), 6, {zone: String}) AS from_at,
  toDateTime64(concat(toString({until: Date32}), ' 00:00:00'), 6, {zone: String}) AS until_at,
  toDateTime64(concat(toString({other_from: Date32}), ' 00:00:00'), 6, {zone: String}) AS other_from_at,
  toDateTime64(concat(toString({other_until: Date32}), ' 00:00:00'), 6, {zone: String}) AS other_until_at
SELECT
  (
    SELECT count() FROM cases
    WHERE (started_at < until_at AND ifNull(closed_at >= from_at, 1) AND (empty({service: Array(String)}) OR service IN {service: Array(String)}) AND (empty({department: Array(String)}) OR department IN {department: Array(String)}) AND (empty({district: Array(String)}) OR district IN {district: Array(String)}) AND (empty({channel: Array(String)}) OR channel IN {channel: Array(String)}) AND (empty({team: Array(String)}) OR team IN {team: Array(String)}))
      != (started_at < other_until_at AND ifNull(closed_at >= other_from_at, 1) AND (empty({other_service: Array(String)}) OR service IN {other_service: Array(String)}) AND (empty({other_department: Array(String)}) OR department IN {other_department: Array(String)}) AND (empty({other_district: Array(String)}) OR district IN {other_district: Array(String)}) AND (empty({other_channel: Array(String)}) OR channel IN {other_channel: Array(String)}) AND (empty({other_team: Array(String)}) OR team IN {other_team: Array(String)}))
  ) AS cases,
  (
    SELECT count() FROM current_waits
    WHERE (asked_at >= from_at AND asked_at < until_at AND (empty({service: Array(String)}) OR service IN {service: Array(String)}) AND (empty({department: Array(String)}) OR department IN {department: Array(String)}) AND (empty({district: Array(String)}) OR district IN {district: Array(String)}) AND (empty({channel: Array(String)}) OR channel IN {channel: Array(String)}) AND (empty({team: Array(String)}) OR team IN {team: Array(String)}))
      != (asked_at >= other_from_at AND asked_at < other_until_at AND (empty({other_service: Array(String)}) OR service IN {other_service: Array(String)}) AND (empty({other_department: Array(String)}) OR department IN {other_department: Array(String)}) AND (empty({other_district: Array(String)}) OR district IN {other_district: Array(String)}) AND (empty({other_channel: Array(String)}) OR channel IN {other_channel: Array(String)}) AND (empty({other_team: Array(String)}) OR team IN {other_team: Array(String)}))
  ) AS waits,
  (
    SELECT count() FROM current_outcomes
    WHERE (at >= from_at AND at < until_at AND (empty({service: Array(String)}) OR service IN {service: Array(String)}) AND (empty({department: Array(String)}) OR department IN {department: Array(String)}) AND (empty({district: Array(String)}) OR district IN {district: Array(String)}) AND (empty({channel: Array(String)}) OR channel IN {channel: Array(String)}) AND (empty({team: Array(String)}) OR team IN {team: Array(String)}))
      != (at >= other_from_at AND at < other_until_at AND (empty({other_service: Array(String)}) OR service IN {other_service: Array(String)}) AND (empty({other_department: Array(String)}) OR department IN {other_department: Array(String)}) AND (empty({other_district: Array(String)}) OR district IN {other_district: Array(String)}) AND (empty({other_channel: Array(String)}) OR channel IN {other_channel: Array(String)}) AND (empty({other_team: Array(String)}) OR team IN {other_team: Array(String)}))
  ) AS outcomes
