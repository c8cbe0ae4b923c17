import type { Schedule } from '../../../sql/reportSchedules.ts'
import type { Meta } from '../../api.ts'

type Options = Schedule['options']

const states: Record<string, string> = {
  all: '',
  open: 'open cases',
  closed: 'closed cases',
  late: 'late cases',
}
const sorts: Record<string, string> = {
  wait: 'longest wait first',
  age: 'longest in all first',
  started: 'newest first',
}

/** What each option says of a view; nothing where it says what is usual, or what another one says. */
const words: { [Name in keyof Required<Options>]: (value: string, meta: Meta | undefined) => string } = {
  table: (table) => (table === 'stage' ? '' : table.replaceAll('-', ' ')),
  stage: (stage) => `stage ${stage}`,
  also: () => 'also those still there',
  kpi: (kpi, meta) => meta?.kpis.find(({ id }) => id === kpi)?.label ?? kpi,
  against: (against) => `compared with ${against === 'best' ? 'the best group' : 'all others'}`,
  state: (state) => states[state] ?? state,
  sort: (sort) => sorts[sort] ?? sort,
  raw: (raw) => (raw === 'true' ? 'texts as they are, for programs' : ''),
}
const names = Object.keys(words) as (keyof Options)[]

/** "stage Plan review", "late cases", "newest first". */
export const optionsWords = (options: Options, meta: Meta | undefined): string[] =>
  names.flatMap((name) => {
    const value = options[name]
    return value === undefined ? [] : words[name](String(value), meta) || []
  })

/** The options of a view as an address holds them. */
export function readOptions(search: URLSearchParams): Options {
  const given = names.flatMap((name) => (search.get(name) ? [[name, search.get(name)]] : []))
  const { raw, ...texts } = Object.fromEntries(given)
  return raw === undefined ? texts : { ...texts, raw: raw === 'true' }
}

/** What narrows the page down and no report can take, in sentences. */
export const leftOut = (search: URLSearchParams): string[] =>
  [
    search.get('from_stage') && `cases that come from ${search.get('from_stage')}`,
    search.get('dimension') && `${search.get('dimension')} ${search.get('value') || 'not known'}`,
  ].flatMap((what) =>
    what ? `A report cannot be narrowed down to ${what}: it will hold the others too.` : [],
  )
