import { For, Show } from 'solid-js'
import type { Mark, Measure, Profile } from '../../../server/releases/published.ts'
import { formatCount, formatDay, formatShare } from '../../../server/words/format.ts'
import { andList, hiddenShareWords } from '../../../server/words/words.ts'
import { Table } from '../../components/Table.tsx'
import { Page, sitePath } from '../Page.tsx'
import type { Release } from '../release.ts'
import { markWords, profileWords } from '../words.ts'
import { placeOf } from './place.ts'

/** How the figures are made: definitions, marks, rounding and hiding, and what happens when one changes. */
export function Methods(props: { release: Release }) {
  const release = () => props.release
  return (
    <Page
      place={placeOf(release(), 'methods.html')}
      title="How we count, round and hide"
      description={`What each figure of ${release().jurisdiction.name} means and how it is worked out. How small numbers are hidden, and what we do when a number changes.`}
    >
      <div class="page-head">
        <h1>How we count, round and hide</h1>
        <p class="lede">Anybody should be able to check our numbers. Here is how each one is made.</p>
      </div>
      <nav aria-label="On this page">
        <ul>
          <For
            each={
              [
                ['measures', 'What each figure means'],
                ['marks', 'Marks such as [c] and [r]'],
                ['hidden', 'How we hide small numbers'],
                ['sure', 'How sure we are'],
                ['changes', 'When a number changes'],
              ] as const
            }
          >
            {([id, label]) => (
              <li>
                <a href={`#${id}`}>{label}</a>
              </li>
            )}
          </For>
        </ul>
      </nav>
      <section class="section" id="marks">
        <h2>Marks such as [c] and [r]</h2>
        <Table
          id="marks-table"
          caption="Marks beside figures"
          hideCaption={true}
          heads={[{ label: 'Mark' }, { label: 'Name' }, { label: 'What it says' }]}
          rows={Object.entries(markWords) as [Mark, (typeof markWords)[Mark]][]}
          cell={([mark, { name, means }], column) => [`[${mark}]`, name, means][column]}
        />
        <p class="prose">Nought means nought. A number that is missing is never shown as nought.</p>
      </section>
      <Hiding release={release()} />
      <section class="section prose" id="sure">
        <h2>How sure we are</h2>
        <p>
          Some figures come with a 95% range. Think of it like this: if we could count again in 100 months
          just like this one, about 95 of the ranges would hold the true value. A wide range means that we are
          less sure.
        </p>
      </section>
      <section class="section prose" id="changes">
        <h2>When a number changes</h2>
        <p>
          Late data comes in, and mistakes are found. Then a number of an earlier month may change. We never
          change a release that is out. The new number stands in the next release, with the mark [r] and the
          old number beside it.
        </p>
        <p>
          If we find a mistake that matters, we do not wait. We bring out a correction and say why. The old
          release stays where it is, for ever.
        </p>
        <p>
          <a href={`${sitePath(release())}corrections.html`}>All changes, and how large they were</a>
        </p>
      </section>
      <section class="section" id="measures">
        <h2>What each figure means</h2>
        <For each={release().measures}>
          {(measure) => <Definition measure={measure} release={release()} />}
        </For>
      </section>
    </Page>
  )
}

function Definition(props: { measure: Measure; release: Release }) {
  const label = (id: string) => props.release.measure(id)?.label ?? id
  const better = {
    higher: 'More is better',
    lower: 'Less is better',
    neither: 'Neither more nor less is better',
  } as const
  return (
    <article class="term" id={props.measure.id}>
      <h3>{props.measure.label}</h3>
      <p>{props.measure.means}</p>
      <dl class="facts">
        <Show when={props.measure.formula}>
          <dt>Worked out as</dt>
          <dd>{props.measure.formula}</dd>
        </Show>
        <Show when={props.measure.parts}>
          {(parts) => (
            <>
              <dt>Made from</dt>
              <dd>
                <a href={`#${parts().numerator}`}>{label(parts().numerator)}</a> divided by{' '}
                <a href={`#${parts().denominator}`}>{label(parts().denominator)}</a>, both as published
              </dd>
            </>
          )}
        </Show>
        <Show when={props.measure.caveats.length > 0}>
          <dt>Keep in mind</dt>
          <dd>{props.measure.caveats.join(' ')}</dd>
        </Show>
        <dt>How to read it</dt>
        <dd>
          {better[props.measure.better]}.{props.measure.mandatory ? ' We must always tell it.' : ''}
        </dd>
        <dt>Name in files</dt>
        <dd>
          <code>{props.measure.id}</code> (definition {props.measure.definition})
        </dd>
      </dl>
    </article>
  )
}

function Hiding(props: { release: Release }) {
  const profiles = () => {
    const byName = new Map<string, { profile: Profile; services: string[] }>()
    for (const { profile, name } of props.release.services) {
      const known = byName.get(profile.name)
      if (known) known.services.push(name)
      else byName.set(profile.name, { profile, services: [name] })
    }
    return [...byName.values()]
  }
  const hidden = () => props.release.hidden
  const most = () => Math.max(0, ...profiles().map(({ profile }) => profile.base))
  return (
    <section class="section" id="hidden">
      <h2>How we hide small numbers</h2>
      <div class="prose">
        <p>
          Say a table tells that one person in your street had to wait for a year. You might know who it is.
          So we hide small numbers. Then we hide some more, so that nobody can work out a small number from
          the others. A hidden number does not tell which of the two it is.
        </p>
        <For each={profiles()}>
          {({ profile, services }) => (
            <p>
              <strong>
                {profiles().length === 1 ? 'All services' : andList(services)} (rule “{profile.name}”):
              </strong>{' '}
              {profileWords(profile)}
            </p>
          )}
        </For>
        <p>
          Shares and percentages are made from rounded numbers. So a number can be off by up to{' '}
          {Math.floor(most() / 2)}, and a share by a little. Totals are rounded on their own: parts may not
          add up to them.
        </p>
        <p>
          Before a release comes out, a program tries to work out each hidden number from all others, also
          from those of earlier releases. If it gets too close to one, the release cannot come out.
        </p>
        <p>
          In this release {formatCount(hidden().cells)} of {formatCount(hidden().of)} numbers are hidden. They
          stand for {hiddenShareWords(hidden())} of all cases.
        </p>
      </div>
      <Table
        id="hidden-table"
        caption="Hidden numbers in each table"
        heads={[
          { label: 'Table' },
          { label: 'Numbers', number: true },
          { label: 'Hidden', number: true },
          { label: 'Share hidden', number: true },
        ]}
        rows={hidden().by_table}
        cell={({ table, cells, of }, column) =>
          [
            props.release.table(table)?.title ?? table,
            formatCount(of),
            formatCount(cells),
            formatShare(of === 0 ? 0 : cells / of),
          ][column]
        }
      />
      <Standards release={props.release} />
    </section>
  )
}

function Standards(props: { release: Release }) {
  const rows = () =>
    props.release.services.flatMap((service) => service.standards.map((standard) => ({ service, standard })))
  return (
    <Show when={rows().length > 0}>
      <h2 id="standards">What was promised</h2>
      <Table
        id="standards-table"
        caption="Service standards in force"
        hideCaption={true}
        heads={[{ label: 'Service' }, { label: 'Promise' }, { label: 'Since' }, { label: 'Where it stands' }]}
        rows={rows()}
        cell={({ service, standard }, column) =>
          [
            standard.subtype ? `${service.name}: ${standard.subtype}` : service.name,
            `${formatShare(standard.target)} within ${standard.value} ${standard.unit.replace('_', ' ')}`,
            formatDay(standard.since),
            standard.basis,
          ][column]
        }
      />
    </Show>
  )
}
