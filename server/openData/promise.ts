import type { Figure, Published, Row, Table } from '../releases/published.ts'
import type { Cell, Column } from './columns.ts'
import { gapOf } from './marks.ts'
import { periodDays } from './period.ts'

const text = { type: 'text', unit: null, least: null, most: null, key: false, optional: true } as const

/**
 * What stands behind the figures of a table that tells a target, as Canada publishes it (`target_met` of
 * https://open.canada.ca/data/en/dataset/3ac0d080-6149-499a-8b06-7ce5f00ec56c).
 */
export const promiseColumns: readonly Column[] = [
  {
    ...text,
    name: 'promised',
    title: 'Promise',
    means: 'The longest time that was promised. Where another one held in the period, it is not available.',
    type: 'number',
    least: 0,
  },
  {
    ...text,
    name: 'promised_unit',
    title: 'Promise, unit',
    means: 'What the promised time is counted in: working_days, days, hours or minutes.',
  },
  {
    ...text,
    name: 'target_met',
    title: 'Target met',
    means: 'yes where the promise was kept for the target share at least, as published; no where it was not.',
  },
]

export const tellsPromise = ({ measures }: Pick<Table, 'measures'>) => measures.includes('standard_target')

/** Made of what is published alone. */
export function promiseCells({ at, figures }: Row, { services }: Pick<Published, 'services'>): Cell[] {
  const target = figures.standard_target
  if (target?.value == null) return promiseColumns.map(() => ({ gap: target ? gapOf(target) : 'x' }))
  const standards = services.find(({ id }) => id === at.service)?.standards ?? []
  const promise =
    standards.find(({ subtype }) => subtype === '') ?? (standards.length === 1 ? standards[0] : undefined)
  const isHeld = promise?.target === target.value && promise.since < periodDays(at.period ?? '').until
  const promised: Cell[] = isHeld ? [promise.value, promise.unit] : [{ gap: 'x' }, { gap: 'x' }]
  return [...promised, metOf(figures, target.value)]
}

const promiseShares = ['on_time_rate', 'wait_in_time_rate']

/** No where one share is short of the target; yes where all that apply reach it. */
function metOf(figures: Record<string, Figure>, target: number): Cell {
  const shares = promiseShares
    .flatMap((id) => figures[id] ?? [])
    .filter((figure) => figure.value !== null || gapOf(figure) !== 'z')
  if (shares.length === 0) return { gap: 'z' }
  if (shares.some(({ value }) => value !== null && value < target)) return 'no'
  const untold = shares.find(({ value }) => value === null)
  return untold ? { gap: gapOf(untold) } : 'yes'
}
