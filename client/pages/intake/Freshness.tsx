import { createMemo, createSignal, createUniqueId, For, Show } from 'solid-js'
import {
  formatCount,
  formatDay,
  formatHours,
  formatMoment,
  formatPeriod,
  formatShare,
  withDays,
} from '../../../server/words/format.ts'
import { streamWords } from '../../../server/words/streamWords.ts'
import { andList } from '../../../server/words/words.ts'
import type { Answer, Feed, Freshness as FreshnessAnswer } from '../../api.ts'
import { DataTable } from '../../components/DataTable.tsx'
import { Empty, Loaded } from '../../components/States.tsx'
import { StatusBadge } from '../../components/StatusBadge.tsx'
import { useMeta } from '../../filters.ts'
import { DayStrip, StripKey } from './DayStrip.tsx'
import { dayStates, feedStates } from './words.ts'

const order = Object.keys(feedStates)

/** Whether the data is fresh and complete: one sentence and the last days for every source and kind of row. */
export function Freshness(props: { answer: Answer<FreshnessAnswer>; zone: string }) {
  const feeds = createMemo(() =>
    [...(props.answer.data()?.feeds ?? [])].sort(
      (a, b) =>
        order.indexOf(a.state) - order.indexOf(b.state) ||
        `${a.source} ${a.stream}`.localeCompare(`${b.source} ${b.stream}`),
    ),
  )
  return (
    <section class="section" aria-labelledby="fresh">
      <h2 id="fresh">Is the data fresh and complete?</h2>
      <Loaded answer={props.answer} what="How fresh the data is" height={320}>
        {() => (
          <Show when={feeds().length > 0} fallback={<Empty title="No source has delivered anything yet." />}>
            <Show when={feeds().some(({ days }) => days.some(({ rows }) => rows > 0))}>
              <p class="muted">Rows per day over the last four weeks.</p>
              <StripKey />
            </Show>
            <ul class="plain-list">
              <For each={feeds()}>{(feed) => <OneFeed feed={feed} zone={props.zone} />}</For>
            </ul>
          </Show>
        )}
      </Loaded>
    </section>
  )
}

function OneFeed(props: { feed: Feed; zone: string }) {
  const id = createUniqueId()
  const [open, setOpen] = createSignal(false)
  const what = () => streamWords[props.feed.stream] ?? props.feed.stream
  return (
    <li class="feed">
      <div>
        <h3>
          {props.feed.source}: {what()}
        </h3>
        <div class="feed-state">
          <StatusBadge
            status={feedStates[props.feed.state].status}
            word={feedStates[props.feed.state].word}
          />
          <button
            type="button"
            class="button"
            aria-expanded={open()}
            aria-controls={id}
            onClick={() => setOpen(!open())}
          >
            {open() ? 'Hide the details' : 'Show the details'}
            <span class="visually-hidden">
              {' '}
              of {props.feed.source}, {what()}
            </span>
          </button>
        </div>
        <p>{withDays(props.feed.says)}</p>
      </div>
      <Show
        when={props.feed.days.some(({ rows }) => rows > 0)}
        fallback={<p>{quietWords(props.feed, props.zone)}</p>}
      >
        <DayStrip days={props.feed.days} />
      </Show>
      <div id={id} class="feed-more">
        <Show when={open()}>
          <Details feed={props.feed} zone={props.zone} />
        </Show>
      </div>
    </li>
  )
}

/** Instead of bars where there would be none. */
function quietWords({ days, last_time }: Feed, zone: string): string {
  if (days.length === 0) return ''
  const newest = last_time ? `; the newest one is of ${formatMoment(last_time, zone)}` : ''
  return `No row tells of the last ${days.length} days${newest}.`
}

function Details(props: { feed: Feed; zone: string }) {
  const meta = useMeta()
  const services = () =>
    props.feed.services.map((each) => meta()?.services.find((known) => known.id === each)?.name ?? each)
  return (
    <>
      <dl class="facts">
        <Show when={services().length > 0}>
          <dt>Services</dt>
          <dd>{andList(services())}</dd>
        </Show>
        <dt>Rows held</dt>
        <dd>
          {formatCount(props.feed.rows)}
          <Show when={props.feed.first_time && props.feed.last_time}>
            , from {formatMoment(props.feed.first_time ?? '', props.zone)} to{' '}
            {formatMoment(props.feed.last_time ?? '', props.zone)}
          </Show>
        </dd>
        <dt>Last delivery</dt>
        <dd>
          {props.feed.loaded_at ? formatMoment(props.feed.loaded_at, props.zone) : 'none yet'}
          <Show when={props.feed.last_load_id}>
            {(load) => (
              <>
                , <a href={`/data?load=${encodeURIComponent(load())}`}>what it brought</a>
              </>
            )}
          </Show>
        </dd>
        <dt>Expected</dt>
        <dd>
          <Show
            when={props.feed.expected}
            fallback="Not known: there were too few deliveries to learn it from, and none is configured."
          >
            {(expected) => (
              <>
                Every {formatHours(expected().every_hours)},{' '}
                {expected().basis === 'configured' ? 'as configured' : 'as it was so far'}
                <Show when={props.feed.due_at}>
                  {(due) => <>; the next one by {formatMoment(due(), props.zone)}</>}
                </Show>
              </>
            )}
          </Show>
        </dd>
        <Show when={props.feed.delay}>
          {(delay) => (
            <>
              <dt>How late rows arrive</dt>
              <dd>
                Half of them within {formatHours(delay().median_hours)} of what they tell, nine of ten within{' '}
                {formatHours(delay().p90_hours)} (measured on {formatCount(delay().n)} rows)
              </dd>
            </>
          )}
        </Show>
      </dl>
      <Show when={props.feed.gaps.length > 0}>
        <DataTable
          caption="Gaps: days without rows, or with far too few"
          rows={props.feed.gaps}
          columns={[
            { label: 'When', cell: (gap) => formatPeriod(gap), sort: (gap) => gap.from },
            {
              label: 'Open days',
              number: true,
              cell: (gap) => formatCount(gap.days),
              sort: (gap) => gap.days,
            },
            {
              label: 'Rows expected',
              number: true,
              cell: (gap) => formatCount(gap.expected_rows),
              sort: (gap) => gap.expected_rows,
            },
          ]}
        />
      </Show>
      <Show when={props.feed.days.length > 0}>
        <DataTable
          caption="Rows per day"
          rows={[...props.feed.days].reverse()}
          columns={[
            { label: 'Day', cell: ({ day }) => formatDay(day), sort: ({ day }) => day },
            { label: 'Rows', number: true, cell: ({ rows }) => formatCount(rows), sort: ({ rows }) => rows },
            {
              label: 'Usual',
              number: true,
              cell: ({ expected }) =>
                expected ? `${formatCount(expected[0])} to ${formatCount(expected[1])}` : 'not known',
            },
            {
              label: 'Complete',
              number: true,
              cell: ({ complete }) => (complete === null ? 'not known' : formatShare(complete)),
              sort: ({ complete }) => complete,
            },
            { label: 'State', cell: ({ state }) => dayStates[state], sort: ({ state }) => state },
          ]}
        />
      </Show>
    </>
  )
}
