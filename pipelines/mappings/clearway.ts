import type { MappingInput } from '../mapping.ts'

/** Clearway's own field names: every column named like a field of the stream is taken. */
export const clearway = {
  name: 'clearway',
  title: 'Files with the column names of the three streams',
} satisfies MappingInput
