import { expect, test } from 'vitest'
import { load } from './load.ts'
import { loadMapping, mappingSchema, parseMapping } from './mapping.ts'
import { suggestMapping } from './suggest.ts'
import { realData, useStore, withRealData } from './testStore.ts'

const store = useStore()
/** What a load with the suggestion would do, after it went through a file. */
const tryOut = async (file: string) => {
  const { mapping } = await suggestMapping(file)
  return load(store.db, { file, mapping: parseMapping(JSON.stringify(mapping), 'draft.json'), dryRun: true })
}

withRealData('the draft for Boston 311 reads every request as the shipped mapping does', async () => {
  const file = realData('boston-311/requests-2011-h2.csv.gz')
  const { mapping, notes } = await suggestMapping(file)
  const shipped = await loadMapping('boston-311')
  expect(mapping).toMatchObject({
    stream: 'case_events',
    zone: 'UTC',
    times: ['iso'],
    columns: {
      ...{
        case_id: 'case_enquiry_id',
        department: 'department',
        district: 'neighborhood',
        channel: 'source',
      },
      ...{ subtype: 'type', claimed: 'ontime', due_at: 'target_dt' },
    },
    events: shipped.events.map(({ time, clock }) => ({ time, clock })),
  })
  expect(mapping.omit).toEqual(expect.arrayContaining(['location_street_name', 'latitude']))
  expect(notes.join('\n')).toMatch(/set "zone"/)
  expect(await tryOut(file)).toMatchObject({ read: 58_251, accepted: 58_251, rejected: 0, state: 'dry_run' })
})

withRealData('the draft for permits finds the three dates and leaves people out', async () => {
  const file = realData('permits-blds/building-permits.csv.gz')
  const { mapping } = await suggestMapping(file)
  expect(mapping).toMatchObject({
    stream: 'case_events',
    columns: { case_id: 'permitnum', subtype: 'permittype', district: 'communityname' },
    events: [
      { event_id: 'applied', time: 'applieddate', clock: 'start' },
      { event_id: 'issued', time: 'issueddate' },
      { event_id: 'completed', time: 'completeddate', clock: 'stop', outcome: 'statuscurrent' },
    ],
  })
  expect(mapping.omit).toEqual(
    expect.arrayContaining(['applicantname', 'contractorname', 'originaladdress', 'locationaddresses']),
  )
  expect(await tryOut(file)).toMatchObject({ read: 5000, rejected: 0 })
})

withRealData(
  'the draft for Friends and Family answers counts respondents and asks about the scale',
  async () => {
    const { mapping, notes } = await suggestMapping(realData('satisfaction-fft/answers.csv.gz'))
    expect(mapping).toMatchObject({
      stream: 'outcomes',
      times: ['%d/%m/%Y'],
      columns: {
        ...{ outcome_id: 'Respondent ID', respondent: 'Respondent ID', at: 'Date' },
        ...{ rating: 'FFT categorical answer', department: 'Trust' },
      },
    })
    expect(notes.join('\n')).toMatch(/if 1 is the best answer/)
    expect(notes.join('\n')).toMatch(/answers 6, 7 are taken as no rating/)
  },
)

test('drafts for logs, queues and JSON pass the check of mappings and can be loaded', async () => {
  const log = await store.file(
    'log.tsv',
    'Case ID\tActivity\tTimestamp\tResource\n1\tApply\t03.02.2026 09:00:00\tAnn\n1\tDecide\t27.02.2026 09:00:00\tBob\n',
  )
  const queue = await store.file(
    'queue.csv',
    'ticket_id;arrived_at;wait_seconds\n1;2026-02-03T09:00:00Z;540\n',
  )
  const json = await store.file(
    'requests.json',
    JSON.stringify([
      { RequestID: 7, Created: '02/03/2026', Closed: null, Category: 'Noise', Email: 'a@b.c' },
    ]),
  )
  expect(await tryOut(log)).toMatchObject({ stream: 'case_events', read: 2, accepted: 2 })
  expect(await tryOut(queue)).toMatchObject({ stream: 'wait_times', read: 1, accepted: 1 })
  const { mapping, notes } = await suggestMapping(json)
  expect(mappingSchema.parse(mapping)).toMatchObject({ omit: ['Email'], columns: { case_id: 'RequestID' } })
  expect(notes.join('\n')).toMatch(/whether the day or the month comes first/)
})

test('files that give nothing to go by are refused in one clear sentence', async () => {
  await expect(suggestMapping(await store.file('a.xes', '<log/>'))).rejects.toThrow(/--mapping xes/)
  await expect(suggestMapping(await store.file('b.csv', 'a,b\n1,2\n1,3\n'))).rejects.toThrow(
    /no event can be told/,
  )
  await expect(suggestMapping('nowhere.csv')).rejects.toThrow(/does not exist/)
})
