import { Show } from 'solid-js'
import { andList } from '../../../server/words/words.ts'
import { Table } from '../../components/Table.tsx'
import { Page } from '../Page.tsx'
import type { Release } from '../release.ts'
import { placeOf } from './place.ts'

const scrambledWords = {
  all: ' We store the numbers of cases scrambled, so that they lead nowhere.',
  some: ' We store the numbers of some cases scrambled, so that they lead nowhere.',
  none: '',
}

/** Days in words: in years where they are whole ones. */
const lengthWords = (days: number): string => {
  const years = days / 365
  const [count, unit] = Number.isInteger(years) ? [years, 'year'] : [days, 'day']
  return `${count} ${unit}${count === 1 ? '' : 's'}`
}

/** What happens with data about people, and with those who read these pages. */
export function Privacy(props: { release: Release }) {
  const publisher = () => props.release.publication.publisher
  const name = () => publisher().name ?? props.release.jurisdiction.name
  return (
    <Page
      place={placeOf(props.release, 'privacy.html')}
      title="How we look after your data"
      description={`What ${props.release.jurisdiction.name} does with data about people who ask for a service, and with data about readers of these pages.`}
    >
      <div class="page-head">
        <h1>How we look after your data</h1>
        <p class="lede">In short: these pages hold no data about single people, and they do not watch you.</p>
      </div>
      <div class="prose">
        <section class="section">
          <h2>If you asked for a service</h2>
          <p>
            When you ask for a permit or report a broken lamp, the office writes down what happened and when.
            We count these notes. That is how we know how long people wait.
          </p>
          <p>
            The pages and files show counts of many people, never a single one. They hold no names, no
            addresses, no case numbers and nothing that people wrote. Small numbers are hidden.{' '}
            <a href="methods.html#hidden">How we hide small numbers</a>
          </p>
        </section>
        <section class="section">
          <h2>If you answered our questions</h2>
          <p>
            We count the answers. What you wrote in your own words is not shown here and is in no file you can
            get here.
          </p>
        </section>
        <Show when={props.release.notice}>
          {(notice) => (
            <section class="section">
              <h2>Who sees your case, and how long we keep it</h2>
              <p>
                Only people whose work it is can open a single case.
                <Show when={notice().purposes.length > 0}>
                  {' '}
                  They have to say why, and we write it down. They may open it for:{' '}
                  {andList(notice().purposes.map((one) => one.replaceAll('_', ' ')))}.
                </Show>
                {scrambledWords[notice().scrambled]}
              </p>
              <Table
                id="kept"
                caption="How long we keep things"
                heads={[{ label: 'What' }, { label: 'How long' }]}
                rows={notice().kept}
                cell={({ what, days }, column) =>
                  column === 0 ? what : days === null ? 'Until you ask us to erase it' : lengthWords(days)
                }
              />
            </section>
          )}
        </Show>
        <section class="section">
          <h2>If you read these pages</h2>
          <p>
            The pages set no cookies and run no scripts. They load nothing from other sites. Nobody follows
            what you read. As on all web sites, the server that sends the pages may note which page was asked
            for.
          </p>
        </section>
        <section class="section">
          <h2>Your rights and whom to ask</h2>
          <p>
            You can ask what data an office holds about you. You can also ask to have wrong data put right, or
            to have your case erased: then it is in no later figure. Ask the office that dealt with you, or
            ask us: {name()}
            {publisher().contact ? `, ${publisher().contact}` : ''}
            {publisher().email ? ', ' : '.'}
            {publisher().email && <a href={`mailto:${publisher().email}`}>{publisher().email}</a>}
          </p>
          <p>
            Do you think that a number here points to a person? Please tell us at once. We will look at it the
            same day and take it down if you are right.
          </p>
        </section>
      </div>
    </Page>
  )
}
