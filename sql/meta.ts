import { z } from 'zod'
import type { Db } from './db.ts'
import { kpiIds, kpis } from './kpis.ts'
import freshnessSql from './queries/freshness.sql?raw'
import { defineQuery } from './query.ts'
import { surroundings } from './reader.ts'

const freshness = defineQuery(
  'freshness',
  freshnessSql,
  z.object({}),
  z.object({
    source: z.string(),
    stream: z.string(),
    last_time: z.string().nullable(),
    loaded_at: z.string(),
    rows: z.number(),
  }),
)

/** The catalogue as the API and the glossary show it. */
export const catalogue = kpiIds.map((id) => ({ id, ...kpis[id], caveats: [...kpis[id].caveats] }))

/** Everything a page needs before it asks for figures. */
export async function readMeta(db: Db) {
  const [{ jurisdiction, names, held, version }, sources] = await Promise.all([
    surroundings(db),
    freshness(db, {}),
  ])
  const { services, departments, districts, channels, teams, standards } = names
  return {
    jurisdiction,
    services: services.map((service) => ({
      ...service,
      streams: service.streams as ('case_events' | 'wait_times' | 'outcomes')[],
      standards: standards
        .filter((standard) => standard.service === service.id)
        .map(({ service: _, ...standard }) => standard),
    })),
    departments,
    districts,
    channels,
    teams,
    held: held && {
      from: held.from,
      until: held.until,
      default_from: held.default_from,
      default_until: held.default_until,
    },
    freshness: sources,
    data_version: version,
    as_of: held?.as_of ?? null,
    kpis: catalogue,
  }
}
