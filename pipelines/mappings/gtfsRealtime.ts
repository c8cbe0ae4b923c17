import type { MappingInput } from '../mapping.ts'

/**
 * Delays of buses and trams from a folder of GTFS-Realtime snapshots with the static GTFS beside it. The route is the team: who
 * works on it. A visit to a stop counts once it was seen as passed.
 */
export const gtfsRealtime = {
  name: 'gtfs-rt',
  title: 'GTFS-Realtime TripUpdates, a folder of snapshots with gtfs.zip beside it',
  stream: 'wait_times',
  format: 'gtfs-rt',
  times: ['unix'],
  columns: {
    wait_id: 'wait_id',
    asked_at: 'asked_at',
    wait: 'wait',
    status: 'status',
    team: 'route_id',
    recorded_at: 'recorded_at',
    deleted: 'deleted',
  },
  constants: { service: 'transit', kind: 'delay' },
  source: 'transit',
  service: { id: 'transit', name: 'Public transport', closes: 'stop' },
} satisfies MappingInput
