import { html } from 'hono/html'
import { whenWords } from '../releases/when.ts'
import { formatCount, formatHours, formatShare } from '../words/format.ts'
import { groupNames, type Status } from './standard.ts'
import type { Group } from './watch.ts'

type Html = ReturnType<typeof html>
type Place = { name: string; zone: string }

/** Our own service standard, for everybody. It needs no script, and none of the styles of the dashboard. */
export function statusPage(status: Status, { name, zone }: Place): Html {
  const when = (iso: string) => whenWords(iso, zone)
  return html`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>${titles[status.state]} – Clearway status, ${name}</title>
<link rel="stylesheet" href="/status.css">
</head>
<body><main>
<h1>Clearway status, ${name}</h1>
<p class="state ${status.state}"><strong>${titles[status.state]}.</strong> ${lead(status, when)}</p>
<p class="note">As of ${when(status.as_of)} (${zone}). Answers are counted since ${when(status.since)}${sinceStart(status)}.</p>
<h2>What we promise for this service</h2>
<table>
<caption>Each line: how it is, and what we promise.</caption>
<thead><tr><th scope="col">What</th><th scope="col">How it is</th><th scope="col">Promised</th><th scope="col">Kept</th></tr></thead>
<tbody>${standards(status, when)}</tbody>
</table>
<h2>How old the data is</h2>
${sources(status, when)}
${outages(status, when)}
<p class="note">The same for programs: <a href="/api/v1/status">/api/v1/status</a>.</p>
</main></body>
</html>`
}

const titles: Record<Status['state'], string> = {
  working: 'Everything works',
  impaired: 'Works, but not as promised',
  down: 'There are no figures just now',
}

function lead(
  { state, store, data, answers, reports, parts }: Status,
  when: (iso: string) => string,
): string {
  const last = store.outages.at(-1)
  if (state === 'down')
    return `The store behind the figures has not answered since ${when(last?.from ?? '')}; it is started again by itself. Public pages that were released stay. What stands below of sources and reports is ${data ? `from ${when(data.known_at)}` : 'not known'}.`
  const late = (data?.feeds ?? []).filter((feed) => feed.state === 'late' || feed.state === 'silent').length
  const said = [
    ...(late > 0
      ? [`${late} of ${data?.feeds.length} sources ${late === 1 ? 'has' : 'have'} not delivered when due`]
      : []),
    ...(answers.some(({ met }) => met === false) ? ['some answers fail or take too long'] : []),
    ...(reports?.met === false ? ['reports come late'] : []),
    ...(reports?.undelivered
      ? [
          `${formatCount(reports.undelivered)} ${reports.undelivered === 1 ? 'report' : 'reports'} cannot be handed over just now and will be tried again`,
        ]
      : []),
    ...parts.filter(({ well }) => !well).map((one) => partWords(one).ill),
  ].join('; ')
  if (state === 'impaired') return `${said.charAt(0).toUpperCase()}${said.slice(1)}.`
  return last?.until ? `The store did not answer from ${when(last.from)} until ${when(last.until)}.` : ''
}

/** What is needed, how it is while it is not well, and what is promised of it. */
function partWords({ part, name }: Pick<Status['parts'][number], 'part' | 'name'>) {
  switch (part) {
    case 'disk':
      return {
        what: 'Room on the disk',
        ill: 'the disk is full, so nothing new is taken in',
        wanted: 'enough to take data in',
      }
    case 'sign_in':
      return {
        what: `Sign-in with ${name}`,
        ill: `${name} does not answer, so nobody can sign in with it; who is signed in stays so`,
        wanted: 'answers',
      }
    case 'tables':
      return {
        what: 'Tables as they were written',
        ill: 'a table is damaged, so figures or loads may fail until it is mended',
        wanted: 'whole',
      }
  }
}

const sinceStart = ({ since, started_at }: Status) =>
  since === started_at ? ', when this server was started' : ''

type Kept = boolean | null
const kept = (met: Kept, untold: string): Html =>
  met === null
    ? html`<td data-label="Kept" class="unasked">${untold}</td>`
    : html`<td data-label="Kept" class="${met ? 'met' : 'missed'}">${met ? 'yes' : 'no'}</td>`

const row = (what: string, now: string, wanted: string, met: Kept, untold = 'nothing was asked'): Html =>
  html`<tr><th scope="row">${what}</th><td data-label="How it is">${now}</td><td data-label="Promised">${wanted}</td>${kept(met, untold)}</tr>`

function standards(
  { store, answers, reports, backup, parts }: Status,
  when: (iso: string) => string,
): Html[] {
  return [
    row(
      'The store answers',
      store.asked === 0
        ? 'not asked yet'
        : `${formatShare(store.answered / store.asked)} of ${formatCount(store.asked)} times`,
      formatShare(store.promised),
      store.met,
    ),
    ...answers.map(({ group, n, failed, p95_ms, failed_promised, p95_promised_ms, met }) =>
      row(
        groupNames[group as Group],
        `${formatCount(failed)} of ${formatCount(n)} failed; 95 of 100 within ${seconds(p95_ms ?? 0)}`,
        `at most ${formatShare(failed_promised)} fail; 95 of 100 within ${seconds(p95_promised_ms)}`,
        met,
        'too few to tell',
      ),
    ),
    row(
      'Reports of the last 30 days come within the hour',
      reports
        ? `${formatCount(reports.on_time)} of ${formatCount(reports.due)}; ${formatCount(reports.waiting)} wait, ${formatCount(reports.failed)} failed, ${formatCount(reports.undelivered)} cannot be handed over`
        : 'not known',
      formatShare(reports?.promised ?? 0.95),
      reports?.met ?? null,
    ),
    ...parts.map((one) => {
      const { what, ill, wanted } = partWords(one)
      return row(
        what,
        one.well ? `as promised since ${when(one.since)}` : `since ${when(one.since)}: ${ill}`,
        wanted,
        one.well,
      )
    }),
    row(
      'Last backup',
      backup.made_at ? when(backup.made_at) : 'none yet',
      `within ${backup.promised_hours} hours`,
      backup.met,
    ),
  ]
}

const seconds = (ms: number): string =>
  `${(ms / 1000).toLocaleString('en', { maximumSignificantDigits: 2 })} s`

const states = { fresh: 'on time', late: 'late', silent: 'silent', unknown: 'too new to tell' } as const

function sources({ data }: Status, when: (iso: string) => string): Html {
  if (!data)
    return html`<p>It is not known, since the store has not answered since this server was started.</p>`
  if (data.feeds.length === 0) return html`<p>Nothing was loaded yet.</p>`
  return html`<table>
<caption>As the store said it at ${when(data.known_at)}.</caption>
<thead><tr><th scope="col">Source</th><th scope="col">Last delivery</th><th scope="col">State</th></tr></thead>
<tbody>${data.feeds.map(
    ({ source, stream, loaded_at, lag_hours, state, due_at }) =>
      html`<tr><th scope="row">${source}, ${stream.replace('_', ' ')}</th><td data-label="Last delivery">${
        loaded_at ? `${formatHours(lag_hours ?? 0)} ago, ${when(loaded_at)}` : 'never'
      }</td><td data-label="State" class="${state === 'fresh' ? 'met' : state === 'unknown' ? 'unasked' : 'missed'}">${states[state]}${
        due_at && state !== 'fresh' ? `, due ${when(due_at)}` : ''
      }</td></tr>`,
  )}</tbody>
</table>`
}

function outages({ store, since }: Status, when: (iso: string) => string): Html {
  if (store.outages.length === 0)
    return html`<h2>When the store did not answer</h2><p>Never since ${when(since)}.</p>`
  return html`<h2>When the store did not answer</h2>
<ul>${[...store.outages].reverse().map(({ from, until }) => html`<li>from ${when(from)} ${until ? `until ${when(until)}` : 'until now'}</li>`)}</ul>`
}
