import type { MappingInput } from '../mapping.ts'
import { logClocks, logColumns, logLifecycles } from './csvLog.ts'

export const xes = {
  name: 'xes',
  title: 'Event log in XES (IEEE 1849)',
  stream: 'case_events',
  format: 'xes',
  columns: {
    ...logColumns,
    channel: ['case:channel', 'channel'],
    department: ['case:department', 'department'],
  },
  values: { lifecycle: logLifecycles, clock: logClocks },
  missing: ['EMPTY'],
  whole_log: true,
  service: 'file',
} satisfies MappingInput
