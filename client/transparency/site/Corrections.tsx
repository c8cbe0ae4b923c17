import { Show } from 'solid-js'
import type { Measure, Site } from '../../../server/releases/published.ts'
import { formatCount, formatShare } from '../../../server/words/format.ts'
import { Table } from '../../components/Table.tsx'
import { Page, sitePath } from '../Page.tsx'
import { figureWords, periodWords } from '../words.ts'
import { placeOf } from './place.ts'

/** So many changes stand on the page; the feed and the files hold all. */
const shown = 150

type Change = Site['revisions'][number]

/** What we said before and say otherwise now. */
export function Corrections(props: { site: Site }) {
  const changes = () => props.site.revisions
  const corrections = () =>
    props.site.releases.filter(({ head, state }) => head.corrects || state === 'withdrawn')
  const title = () =>
    changes().length === 0
      ? 'No number has been changed so far'
      : changes().length === 1
        ? 'One number has been changed'
        : `${formatCount(changes().length)} numbers have been changed`
  const place = (release: string, { at, table }: Change) => {
    const dimensions = props.site.releases
      .find(({ head }) => head.id === release)
      ?.tables.find(({ id }) => id === table)?.dimensions
    return Object.entries(at)
      .map(([dimension, value]) =>
        dimension === 'period'
          ? periodWords(value)
          : (dimensions?.find(({ id }) => id === dimension)?.values.find(({ id }) => id === value)?.label ??
            value),
      )
      .join(', ')
  }
  const measureOf = ({ release, measure }: Change) =>
    [release, ...props.site.releases.map(({ head }) => head.id)]
      .flatMap((wanted) => props.site.releases.find(({ head }) => head.id === wanted)?.measures ?? [])
      .find(({ id }) => id === measure)
  const said = (change: Change, { value, marks }: Change['now']) => {
    const measure = measureOf(change)
    return measure ? words(value, marks, measure) : '–'
  }
  return (
    <Page
      place={placeOf(props.site, 'corrections.html')}
      title={title()}
      description={`Every number of ${props.site.jurisdiction.name} that was changed after it came out: before, after, and how large changes are.`}
    >
      <div class="page-head">
        <h1>{title()}</h1>
        <p class="lede">
          Late data comes in, and mistakes happen. We do not hide that. Each number that changed stands here:
          what we said before, and what we say now. The old release stays as it was.
        </p>
      </div>
      <section class="section">
        <h2>Corrections and withdrawn releases</h2>
        <Show when={corrections().length > 0} fallback={<p>No release has been corrected or withdrawn.</p>}>
          <Table
            id="corrected"
            caption="Corrected and withdrawn releases"
            hideCaption={true}
            heads={[{ label: 'Release' }, { label: 'What happened' }, { label: 'Why' }]}
            rows={corrections()}
            cell={({ head, state, reason }, column) =>
              [
                `${head.title} (${head.id})`,
                state === 'withdrawn' ? 'Withdrawn' : `Takes the place of ${head.corrects}`,
                (state === 'withdrawn' ? reason : head.reason) || '–',
              ][column]
            }
          />
        </Show>
      </section>
      <Show when={changes().length > 0}>
        <section class="section">
          <h2>Before and after</h2>
          <Show when={changes().length > shown}>
            <p class="prose">
              Here are the newest {shown}. The{' '}
              <a href={`${sitePath(props.site)}revisions.atom`}>feed of changes</a> and the files of each
              release hold all.
            </p>
          </Show>
          <Table
            id="changes"
            caption="Changed numbers, the newest first"
            hideCaption={true}
            heads={[
              { label: 'What' },
              { label: 'Where and when' },
              { label: 'Before', number: true },
              { label: 'Now', number: true },
              { label: 'Releases' },
            ]}
            rows={changes().slice(0, shown)}
            cell={(change, column) => {
              if (column === 0) return measureOf(change)?.label ?? change.measure
              if (column === 1) return place(change.release, change)
              if (column === 2) return said(change, change.before)
              if (column === 3) return said(change, change.now)
              return `${change.before.release}, then ${change.release}`
            }}
          />
        </section>
      </Show>
      <Show when={props.site.revision_size.length > 0}>
        <section class="section">
          <h2>How large changes are</h2>
          <p class="prose">
            Half of the changes of a figure are smaller than the size in the last column, and half are larger.
          </p>
          <Table
            id="sizes"
            caption="Size of changes by figure"
            hideCaption={true}
            heads={[
              { label: 'Figure' },
              { label: 'Told more than once', number: true },
              { label: 'Changed', number: true },
              { label: 'Typical size', number: true },
            ]}
            rows={props.site.revision_size}
            cell={({ label, figures, revised, median }, column) =>
              [
                label,
                formatCount(figures),
                formatCount(revised),
                median === null ? '–' : formatShare(median),
              ][column]
            }
          />
        </section>
      </Show>
    </Page>
  )
}

const words = (value: number | null, marks: Change['now']['marks'], measure: Measure) =>
  [
    figureWords({ value, marks, interval: null, was: null }, measure),
    ...marks.filter((mark) => mark !== 'r').map((mark) => `[${mark}]`),
  ].join(' ')
