import type { MappingInput } from '../mapping.ts'

const service = { id: 'building-permits', name: 'Building permits', closes: 'stop' } as const

/**
 * Building permits with the column names of BLDS (Building and Land Development Specification). Dates are days of the city's
 * calendar: choose another zone with --zone.
 */
export const blds = {
  name: 'blds',
  title: 'Building permits (BLDS), one row a permit',
  stream: 'case_events',
  zone: 'America/Edmonton',
  columns: {
    case_id: 'PermitNum',
    district: ['CommunityName', 'OriginalCity'],
    subtype: ['PermitType', 'PermitTypeMapped'],
    recorded_at: 'LastUpdated',
  },
  constants: { service: service.id },
  values: {
    outcome: {
      table: {
        Completed: 'completed',
        'File Closed': 'closed',
        'Permit Finaled': 'completed',
        Cancelled: 'cancelled',
        'Permit Cancelled': 'cancelled',
        Expired: 'expired',
        Refused: 'refused',
      },
      otherwise: 'closed',
    },
  },
  events: [
    { event_id: 'applied', activity: 'Applied', time: 'AppliedDate', clock: 'start' },
    { event_id: 'issued', activity: 'Issued', time: 'IssuedDate' },
    {
      event_id: 'completed',
      activity: 'Completed',
      time: 'CompletedDate',
      clock: 'stop',
      outcome: ['StatusCurrent', 'StatusCurrentMapped'],
      optional: true,
    },
  ],
  order: [
    ['applied', 'issued'],
    ['applied', 'completed'],
  ],
  // people and where they live are not needed to know how long a permit takes
  omit: [
    ...['ApplicantName', 'ContractorName', 'ContractorCompanyName', 'ContractorFullName', 'ContractorPhone'],
    ...['ContractorEmail', 'ContractorAddress1', 'ContractorAddress2', 'OriginalAddress', 'OriginalAddress1'],
    ...['OriginalAddress2', 'LocationAddresses', 'LocationsWKT', 'LocationsGeoJSON', 'Point', 'Location'],
    ...['Latitude', 'Longitude', 'PIN', 'Description'],
  ],
  source: 'permits',
  service,
} satisfies MappingInput

/** The optional status history of BLDS: what was between application and completion. The clock is the permit's own. */
export const bldsHistory = {
  name: 'blds-history',
  title: 'Status history of building permits (BLDS), one row a status',
  stream: 'case_events',
  zone: 'America/Edmonton',
  columns: {
    case_id: 'PermitNum',
    activity: ['StatusPreviousMapped', 'StatusPrevious'],
    time: 'StatusPreviousDate',
    reason: 'StatusPreviousReason',
  },
  constants: { service: service.id },
  omit: ['Comments'],
  source: 'permits',
  service,
} satisfies MappingInput
