import type { Db } from './db.ts'
import { UnknownIdError } from './errors.ts'
import type { Filters } from './filters.ts'
import { rowsOf } from './rowsOf.ts'

export type Named = { id: string; name: string }
export type Standard = {
  service: string
  subtype: string
  valid_from: string
  valid_until: string
  value: number
  unit: 'working_days' | 'days' | 'hours' | 'minutes'
  target: number
  basis: string
}

/** What a service cost: `from` inclusive, `until` exclusive. */
export type Cost = { service: string; from: string; until: string; amount: number; currency: string }

/** What is known by name: declared in the configuration or found in the data. */
export type Names = {
  services: (Named & { department: string; means: string; streams: string[] })[]
  departments: Named[]
  districts: Named[]
  channels: (Named & { digital: boolean })[]
  teams: Named[]
  standards: Standard[]
  costs: Cost[]
  /** The services in which contacts are told. */
  contacted: string[]
  /** Every department that rows of a service say; the declared one where there are no rows. */
  placed: { service: string; department: string }[]
}

/** Reads every name of the store; names seen in the data but not declared stand for themselves. */
export async function readNames(db: Db): Promise<Names> {
  const seen = (column: string) =>
    rowsOf<Named>(
      db,
      `SELECT DISTINCT ${column} AS id, ${column} AS name FROM
         (SELECT ${column} FROM daily_cases UNION DISTINCT SELECT ${column} FROM daily_wait_times UNION DISTINCT SELECT ${column} FROM daily_outcomes)
       WHERE id != '' ORDER BY id`,
    )
  const [services, streams, departments, districts, channels, standards, costs, contacted, placed, ...found] =
    await Promise.all([
      rowsOf<Named & { department: string; means: string }>(
        db,
        'SELECT id, name, department, means FROM services FINAL ORDER BY name, id',
      ),
      rowsOf<{ service: string; stream: string }>(
        db,
        `SELECT * FROM (
         SELECT DISTINCT service, 'case_events' AS stream FROM daily_cases
         UNION ALL SELECT DISTINCT service, 'wait_times' FROM daily_wait_times
         UNION ALL SELECT DISTINCT service, 'outcomes' FROM daily_outcomes) ORDER BY service, stream`,
      ),
      rowsOf<Named>(db, 'SELECT id, name FROM departments FINAL ORDER BY name, id'),
      rowsOf<Named>(db, 'SELECT id, name FROM districts FINAL ORDER BY name, id'),
      rowsOf<Named & { digital: number }>(
        db,
        'SELECT id, name, digital FROM channels FINAL ORDER BY name, id',
      ),
      rowsOf<Standard>(
        db,
        `SELECT service, subtype, toString(valid_from) AS valid_from, toString(valid_until) AS valid_until, value, toString(unit) AS unit, target, basis
       FROM service_standards FINAL ORDER BY service, subtype, valid_from`,
      ),
      rowsOf<Cost>(
        db,
        'SELECT service, toString(from) AS from, toString(until) AS until, amount, currency FROM costs FINAL ORDER BY service, costs.from',
      ),
      rowsOf<{ service: string }>(
        db,
        'SELECT DISTINCT service FROM daily_cases WHERE chasing + challenging + other_contacts > 0 ORDER BY service',
      ),
      rowsOf<{ service: string; department: string }>(
        db,
        `SELECT * FROM (
           SELECT service, department FROM daily_cases
           UNION DISTINCT SELECT service, department FROM daily_wait_times
           UNION DISTINCT SELECT service, department FROM daily_outcomes) ORDER BY service, department`,
      ),
      seen('department'),
      seen('district'),
      seen('channel'),
      seen('team'),
    ])
  const [seenDepartments = [], seenDistricts = [], seenChannels = [], teams = []] = found
  return {
    services: services.map((service) => ({
      ...service,
      streams: streams.filter((held) => held.service === service.id).map((held) => held.stream),
    })),
    departments: withSeen(departments, seenDepartments),
    districts: withSeen(districts, seenDistricts),
    channels: withSeen(
      channels.map((channel) => ({ ...channel, digital: channel.digital === 1 })),
      seenChannels.map((c) => ({ ...c, digital: false })),
    ),
    teams,
    standards,
    costs,
    contacted: contacted.map(({ service }) => service),
    placed: [
      ...placed,
      ...services
        .filter(({ id }) => !placed.some(({ service }) => service === id))
        .map(({ id, department }) => ({ service: id, department })),
    ],
  }
}

const withSeen = <N extends Named>(declared: N[], seen: N[]): N[] => [
  ...declared,
  ...seen.filter(({ id }) => !declared.some((known) => known.id === id)),
]

/** Throws an UnknownIdError that lists what there is when a filter names something unknown. */
export function checkFilters(filters: Filters, names: Names): void {
  const known = {
    service: names.services,
    department: names.departments,
    district: names.districts,
    channel: names.channels,
    team: names.teams,
  } as const
  for (const [what, list] of Object.entries(known) as [keyof typeof known, readonly Named[]][])
    for (const id of filters[what])
      if (!list.some((name) => name.id === id))
        throw new UnknownIdError(`There is no ${what} "${id}". ${listing(list)}`)
}

const listing = (list: readonly Named[]): string =>
  list.length === 0
    ? 'None is known yet: load data first.'
    : `Known: ${list
        .slice(0, 20)
        .map(({ id }) => id)
        .join(', ')}${list.length > 20 ? ', …' : ''}.`
