import type { MappingInput } from '../mapping.ts'

/**
 * Answers to the NHS Friends and Family Test, one row a comment. One respondent counts once, by Respondent ID; of several rows
 * the last one counts. In the test 1 is very good and 5 very poor; 6 and 7 are no opinion: answered and
 * counted as such, outside the share.
 */
export const fft = {
  name: 'fft',
  title: 'NHS Friends and Family Test, one row a comment',
  stream: 'outcomes',
  zone: 'Europe/London',
  // some months were exported as 1/18/2022, recognisable by the missing zeros
  times: ['%d/%m/%Y', '%c/%e/%Y'],
  columns: {
    outcome_id: 'Respondent ID',
    respondent: 'Respondent ID',
    at: 'Date',
    rating: ['FFT categorical answer', 'FFT answer'],
    no_opinion: ['FFT categorical answer', 'FFT answer'],
    service: 'Service type 1',
    department: 'Trust',
    team: 'Service type 2',
  },
  constants: { offered: 'true' },
  values: {
    rating: { table: { '1': '5', '2': '4', '3': '3', '4': '2', '5': '1', '6': '', '7': '' } },
    no_opinion: { table: { '6': 'true', '7': 'true' }, otherwise: 'false' },
    service: {
      table: {
        // the no-break space is part of the name as published
        'PTS\u00a0 - Patient Transport': 'patient-transport',
        'See and Convey': 'see-and-convey',
        '111': 'nhs-111',
        'Local partnerships- MH': 'mental-health',
        'Community health services': 'community-health',
        Forensic: 'forensic',
        'Specialist Services and CYP': 'specialist-services',
      },
      otherwise: '',
    },
  },
  omit: ['Comment', 'Comments', 'FFT comment', 'Answer'],
  source: 'fft',
  service: { id: 'nhs-other', name: 'Other NHS services' },
  services: [
    { id: 'patient-transport', name: 'Patient transport' },
    { id: 'see-and-convey', name: 'See and convey' },
    { id: 'nhs-111', name: 'NHS 111' },
    { id: 'mental-health', name: 'Mental health, local partnerships' },
    { id: 'community-health', name: 'Community health services' },
    { id: 'forensic', name: 'Forensic services' },
    { id: 'specialist-services', name: 'Specialist services, children and young people' },
  ],
} satisfies MappingInput
