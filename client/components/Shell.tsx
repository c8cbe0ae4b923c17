import { useLocation } from '@solidjs/router'
import { createEffect, createSignal, For, lazy, on, type ParentProps, Show, Suspense } from 'solid-js'
import { formatDay, formatMoment } from '../../server/words/format.ts'
import { type Me, type Meta, useAnswer } from '../api.ts'
import { MetaContext, useFilters, useMeta } from '../filters.ts'
import { setTheme, type Theme, theme } from '../theme.ts'
import { ErrorNotice, Skeleton } from './States.tsx'

const pages = [
  { path: '/', name: 'Overview' },
  { path: '/services', name: 'Services' },
  { path: '/bottlenecks', name: 'Bottlenecks' },
  { path: '/satisfaction', name: 'Satisfaction' },
  { path: '/fairness', name: 'Fairness' },
  { path: '/data', name: 'Data' },
  { path: '/reports', name: 'Reports' },
  { path: '/releases', name: 'Releases' },
  { path: '/glossary', name: 'Glossary' },
]
/** Only for who is signed in. */
const Account = lazy(() => import('./Account.tsx'))
const audit = { path: '/audit', name: 'Audit' }

/** What stands around every page. It asks once what is known of the jurisdiction. */
export function Shell(props: ParentProps) {
  const meta = useAnswer<Meta>(() => '/api/v1/meta')
  return (
    <MetaContext.Provider value={meta.data}>
      <a class="skip" href="#main" target="_self">
        Skip to the content
      </a>
      <Header />
      <Show when={meta.data()?.jurisdiction.sample}>
        <aside class="banner" aria-label="About these figures">
          <div class="wrap">
            <p>
              <strong>Sample city.</strong> These figures are invented.{' '}
              <a href="/data#load-your-own">How to load your own data</a>
            </p>
          </div>
        </aside>
      </Show>
      <main id="main" class="wrap" tabindex="-1">
        <Show when={meta.error()}>
          {(error) => (
            <ErrorNotice
              what="The description of this data"
              error={error()}
              retry={meta.retry}
              older={meta.data() !== undefined}
            />
          )}
        </Show>
        <Show
          when={meta.data()}
          fallback={
            <Show when={!meta.error()}>
              <Skeleton height={560} />
            </Show>
          }
        >
          <Suspense fallback={<Skeleton height={560} />}>{props.children}</Suspense>
        </Show>
      </main>
      <Footer meta={meta.data()} />
    </MetaContext.Provider>
  )
}

function Header() {
  const place = useLocation()
  const { page } = useFilters()
  const [open, setOpen] = createSignal(false)
  const me = useAnswer<Me>(() => '/api/v1/me')
  const mine = () => (me.data()?.scopes.includes('audit') ? [...pages, audit] : pages)
  createEffect(
    on(
      () => place.pathname,
      () => setOpen(false),
    ),
  )
  const here = (path: string) => (path === '/' ? place.pathname === '/' : place.pathname.startsWith(path))
  // A stage and single cases belong to the bottlenecks, wherever it was opened.
  const current = (path: string) =>
    here(path) || (path === '/bottlenecks' && /^\/(stages|cases)/.test(place.pathname))
  return (
    <header class="top">
      <div class="wrap">
        <a class="brand" href={page('/')}>
          <svg viewBox="0 0 32 32" aria-hidden="true">
            <rect width="32" height="32" rx="7" fill="#113c8f" />
            <path d="M8 23 15 9h2l7 14h-4.2L16 14.6 12.2 23z" fill="#fff" />
            <path d="M14.8 19h2.4v4h-2.4z" fill="#ffd54a" />
          </svg>
          <span>
            <Place />
            <small>Clearway: where people wait, and why</small>
          </span>
        </a>
        <button
          type="button"
          class="button menu-button"
          aria-expanded={open()}
          aria-controls="pages"
          onClick={() => setOpen(!open())}
        >
          Menu
        </button>
        <nav class="nav" classList={{ 'is-open': open() }} id="pages" aria-label="Pages">
          <ul>
            <For each={mine()}>
              {(one) => (
                <li>
                  <a href={page(one.path)} aria-current={current(one.path) ? 'page' : undefined}>
                    {one.name}
                  </a>
                </li>
              )}
            </For>
          </ul>
        </nav>
        <div class="theme" classList={{ 'is-open': open() }}>
          <select aria-label="Theme" onChange={(event) => setTheme(event.currentTarget.value as Theme)}>
            <For each={['system', 'light', 'dark'] satisfies Theme[]}>
              {(one) => (
                <option value={one} selected={theme() === one}>
                  {one === 'system' ? 'Auto theme' : one === 'light' ? 'Light' : 'Dark'}
                </option>
              )}
            </For>
          </select>
        </div>
        <Show when={me.data()?.kind === 'person'}>
          <Suspense>
            <Account open={open()} />
          </Suspense>
        </Show>
      </div>
    </header>
  )
}

function Place() {
  const meta = useMeta()
  return <>{meta()?.jurisdiction.name || 'Clearway'}</>
}

function Footer(props: { meta: Meta | undefined }) {
  const loaded = () =>
    props.meta?.freshness
      .map(({ loaded_at }) => loaded_at)
      .sort()
      .at(-1)
  const lastDay = () => props.meta?.as_of ?? props.meta?.held?.until
  return (
    <footer class="foot">
      <div class="wrap">
        <p>
          <Show when={props.meta && lastDay()} fallback="No data yet.">
            {(day) => <>Data to {formatDay(day())}</>}
          </Show>
          <Show when={loaded()}>
            {(moment) => <>, loaded {formatMoment(moment(), props.meta?.jurisdiction.time_zone ?? 'UTC')}</>}
          </Show>
        </p>
        <ul>
          <li>
            <a href="/glossary">Definitions</a>
          </li>
          <li>
            <a href="/docs" target="_self">
              API and open data
            </a>
          </li>
          <li>
            <a href="/status" target="_self">
              Status
            </a>
          </li>
          <li>Open source, Apache-2.0</li>
        </ul>
      </div>
    </footer>
  )
}
