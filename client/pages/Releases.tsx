import { createSignal, For, Show } from 'solid-js'
import { type Releases as ReleasesAnswer, send, useAnswer, useRefresh } from '../api.ts'
import { PageHead } from '../components/PageHead.tsx'
import { Empty, Loaded } from '../components/States.tsx'
import { useMeta } from '../filters.ts'
import { useEvery } from './intake/live.ts'
import { BuildRelease } from './releases/BuildRelease.tsx'
import { Calendar } from './releases/Calendar.tsx'
import { OneRelease } from './releases/OneRelease.tsx'
import { WhatChanged } from './releases/WhatChanged.tsx'
import { releasesTitle } from './releases/words.ts'

/** Does a step in the name of the person whose key was given; other pages of the dashboard need none. */
export type Act = <T>(path: string, body: object) => Promise<T>

/** What is public, what waits for whom, and when the next release comes. Keys stay in this page and are forgotten with it. */
export default function Releases() {
  const meta = useMeta()
  const zone = () => meta()?.jurisdiction.time_zone ?? 'UTC'
  const answer = useAnswer<ReleasesAnswer>(() => '/api/v1/releases')
  const refresh = useRefresh()
  useEvery(10, answer.retry)
  const [key, setKey] = createSignal('')
  const headers = (): Record<string, string> =>
    key().trim() ? { Authorization: `Bearer ${key().trim()}` } : {}
  const act: Act = async (path, body) => {
    try {
      return await send(`/api/v1/releases${path}`, {
        headers: { ...headers(), 'Content-Type': 'application/json' },
        body: JSON.stringify(body),
      })
    } finally {
      refresh('/api/v1/releases')
    }
  }
  const releases = () => answer.data()?.releases ?? []
  return (
    <>
      <PageHead name="Releases" title={answer.data() && releasesTitle(releases())}>
        What everybody may see. Two persons bring a release out: one builds it, another one answers for it.
        <Show when={releases().some(({ state }) => state === 'published')}>
          {' '}
          <a href="/public/" target="_self">
            The public pages
          </a>
        </Show>
      </PageHead>
      <Loaded answer={answer} what="The list of releases" height={400}>
        {(data) => (
          <>
            <section class="section" aria-labelledby="releases">
              <h2 id="releases">Releases</h2>
              <label class="field your-key">
                <span>Your key (for each step)</span>
                <input
                  type="password"
                  autocomplete="off"
                  spellcheck={false}
                  placeholder="cw_…"
                  value={key()}
                  onInput={(event) => setKey(event.currentTarget.value)}
                />
              </label>
              <p class="muted prose">
                Each person has a key of their own:{' '}
                <code>npm run clearway -- key create --name NAME --role publisher</code>. It stays in this
                page only and is forgotten when you leave.
              </p>
              <Show when={data().releases.length === 0}>
                <Empty title="There is no release yet.">
                  <p>Build one below. Nobody outside sees it before two persons agreed to it.</p>
                </Empty>
              </Show>
              <ul class="cards sources">
                <For each={data().releases.map(({ id }) => id)}>
                  {(id) => (
                    <Show when={data().releases.find((one) => one.id === id)}>
                      {(release) => (
                        <OneRelease
                          release={release()}
                          zone={zone()}
                          act={act}
                          hasKey={key().trim() !== ''}
                        />
                      )}
                    </Show>
                  )}
                </For>
              </ul>
            </section>
            <BuildRelease releases={data().releases} zone={zone()} act={act} hasKey={key().trim() !== ''} />
            <Calendar calendar={data().calendar} zone={zone()} />
            <Show when={data().releases.length > 1}>
              <WhatChanged releases={data().releases} headers={headers} />
            </Show>
          </>
        )}
      </Loaded>
    </>
  )
}
