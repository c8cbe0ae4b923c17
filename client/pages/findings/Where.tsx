import { createMemo, createSignal, For } from 'solid-js'
import {
  formatCount,
  formatExtraHours,
  formatHours,
  formatPeriod,
  formatShare,
} from '../../../server/words/format.ts'
import { dimensionWord } from '../../../sql/dimensionWord.ts'
import type { Period } from '../../../sql/filters.ts'
import type { StageAnswer } from '../../api.ts'
import { CsvLink } from '../../components/CsvLink.tsx'
import { DataTable } from '../../components/DataTable.tsx'

type Row = StageAnswer['by'][number]['rows'][number]
type Extra = Row & { before_hours: number | null; extra: number | null; share: number | null }

/** Where the extra hours of a stage are: by district, channel, team and type, against the time before the change. */
export function WhereFigure(props: {
  now: StageAnswer
  before: StageAnswer
  /** The dimension shown first. */
  first: string
  stage: string
  period: Period
  /** Where the CSV of both is. */
  csv: { now: string; before: string }
}) {
  const groups = createMemo(() =>
    props.now.by
      .map(({ dimension, rows }) => ({
        dimension,
        rows: extrasOf(rows, props.before.by.find((one) => one.dimension === dimension)?.rows ?? []),
      }))
      .filter(({ rows }) => rows.length > 1),
  )
  const [wanted, setWanted] = createSignal<string | null>(null)
  const shown = () => {
    const chosen = wanted() ?? props.first
    return groups().find(({ dimension }) => dimension === chosen) ?? groups()[0]
  }
  return (
    <section class="section where">
      <h3>Where the extra hours are</h3>
      <p class="prose">{whereWords(shown()?.rows ?? [], dimensionWord(shown()?.dimension ?? ''))}</p>
      <fieldset class="controls">
        <legend class="visually-hidden">Told apart by</legend>
        <For each={groups()}>
          {({ dimension }) => (
            <button
              type="button"
              class="button"
              aria-pressed={shown()?.dimension === dimension}
              onClick={() => setWanted(dimension)}
            >
              By {dimensionWord(dimension)}
            </button>
          )}
        </For>
      </fieldset>
      <DataTable
        caption={`Stays at ${props.stage} by ${dimensionWord(shown()?.dimension ?? '')}, ${formatPeriod(props.period)} against ${formatPeriod(props.before.period)}`}
        rows={shown()?.rows ?? []}
        columns={[
          {
            label: capital(dimensionWord(shown()?.dimension ?? '')),
            cell: (row) => row.label,
            sort: (row) => row.label,
          },
          {
            label: 'Visits',
            number: true,
            cell: (row) => formatCount(row.stat.n),
            sort: (row) => row.stat.n,
          },
          {
            label: 'Mean stay before',
            number: true,
            cell: (row) => (row.before_hours === null ? 'None' : formatHours(row.before_hours)),
            sort: (row) => row.before_hours,
          },
          {
            label: 'Mean stay now',
            number: true,
            cell: (row) => formatHours(row.stay_hours),
            sort: (row) => row.stay_hours,
          },
          {
            label: 'Extra person-hours',
            number: true,
            cell: (row) => (row.extra === null ? 'No earlier level' : formatExtraHours(row.extra)),
            sort: (row) => row.extra,
          },
          {
            label: 'Of all extra hours',
            number: true,
            cell: (row) => (row.share === null ? '–' : formatShare(Math.round(row.share * 100) / 100 || 0)),
            sort: (row) => row.share,
          },
        ]}
      />
      <p class="muted prose">
        Counted on the visits that ended in the period; the hours of the finding also count those who are
        still there.
      </p>
      <p class="controls">
        <CsvLink address={props.csv.now} what={props.stage} label="Download CSV, now" />
        <CsvLink address={props.csv.before} what={props.stage} label="Download CSV, before" />
      </p>
    </section>
  )
}

const capital = (text: string) => text.charAt(0).toUpperCase() + text.slice(1)

/** Each value with its extra hours, most first. Shares are of the hours above the earlier level, where all together are above it. */
function extrasOf(rows: readonly Row[], before: readonly Row[]): Extra[] {
  const earlier = new Map(before.map((row) => [row.value, row.stay_hours]))
  const extras = rows.map((row) => {
    const then = earlier.get(row.value) ?? null
    return { ...row, before_hours: then, extra: then === null ? null : (row.stay_hours - then) * row.stat.n }
  })
  const all = extras.reduce((sum, { extra }) => sum + (extra ?? 0), 0)
  return extras
    .map((row) => ({ ...row, share: row.extra === null || all <= 0 ? null : row.extra / all }))
    .sort((a, b) => (b.extra ?? Number.NEGATIVE_INFINITY) - (a.extra ?? Number.NEGATIVE_INFINITY))
}

/** Whether one value stands out: it has far more of the extra hours than of the visits. */
function whereWords(rows: readonly Extra[], dimension: string): string {
  const [top] = rows
  if (!top || top.extra === null || top.extra <= 0 || top.share === null)
    return `The visits that ended in the period tell no extra hours by ${dimension}.`
  const visits = rows.reduce((sum, { stat }) => sum + stat.n, 0)
  const part = top.stat.n / Math.max(1, visits)
  const has = `${top.label} has the most: ${formatShare(top.share)} of the extra hours and ${formatShare(part)} of the visits.`
  return top.share > Math.max(0.4, 1.5 * part) ? has : `${has} No ${dimension} stands out.`
}
