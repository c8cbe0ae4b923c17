import type { MappingInput } from '../mapping.ts'

/**
 * Requests of an Open311 GeoReport v2 endpoint. `expected_datetime` is the promise of this very request; without it the request is
 * neither on time nor late.
 */
export const open311 = {
  name: 'open311',
  title: 'Open311 GeoReport v2 requests, XML or JSON',
  stream: 'case_events',
  format: 'open311',
  columns: {
    source: 'jurisdiction_id',
    case_id: 'service_request_id',
    department: 'agency_responsible',
    district: 'ward',
    channel: ['channel', 'source'],
    subtype: ['service_name', 'service_code'],
    due_at: 'expected_datetime',
    recorded_at: 'updated_datetime',
  },
  constants: { service: 'open311' },
  events: [
    { event_id: 'opened', activity: 'Opened', time: 'requested_datetime', clock: 'start' },
    {
      ...{ event_id: 'closed', activity: 'Closed', time: 'closed_datetime', clock: 'stop' },
      ...{ outcome: 'outcome', optional: true, withdraw: true },
    },
  ],
  order: [['opened', 'closed']],
  source: 'open311',
  service: { id: 'open311', name: 'Requests by Open311', closes: 'stop' },
} satisfies MappingInput
