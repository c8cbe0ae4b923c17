import { useSearchParams } from '@solidjs/router'
import { createEffect, createMemo, onMount, Show } from 'solid-js'
import { addDays } from '../../server/words/days.ts'
import { formatDay } from '../../server/words/format.ts'
import {
  type Freshness as FreshnessAnswer,
  type Loads,
  type Sources as SourcesAnswer,
  useAnswer,
  useRefresh,
} from '../api.ts'
import { PageHead } from '../components/PageHead.tsx'
import { useMeta } from '../filters.ts'
import { ComingIn } from './intake/ComingIn.tsx'
import { Freshness } from './intake/Freshness.tsx'
import { Ledger, ledgerPage } from './intake/Ledger.tsx'
import { LoadYourOwn } from './intake/LoadYourOwn.tsx'
import { useLiveLoads } from './intake/live.ts'
import { Sources } from './intake/Sources.tsx'
import { freshnessTitle } from './intake/words.ts'
import { Load } from './Load.tsx'

export default function Data() {
  const [search] = useSearchParams<{ load?: string }>()
  return (
    <Show when={search.load} keyed fallback={<AllData />}>
      {(id) => <Load id={id} />}
    </Show>
  )
}

/** Fresh and complete? What comes in, from where, what did not fit, and how to bring in more. */
function AllData() {
  const meta = useMeta()
  const zone = () => meta()?.jurisdiction.time_zone ?? 'UTC'
  const freshness = useAnswer<FreshnessAnswer>(() => '/api/v1/freshness')
  const sources = useAnswer<SourcesAnswer>(() => '/api/v1/sources')
  const loads = useAnswer<Loads>(() => ledgerPage())
  const live = useLiveLoads()
  const refresh = useRefresh()
  onMount(() => {
    createEffect(() => {
      if (loads.data() && freshness.data() && location.hash)
        document.getElementById(location.hash.slice(1))?.scrollIntoView()
    })
  })
  const title = createMemo(() => {
    const held = meta()?.held
    if (!held) return 'No data has been loaded yet'
    return (
      freshnessTitle(freshness.data()?.feeds ?? []) ||
      `The data runs from ${formatDay(held.from)} to ${formatDay(addDays(held.until, -1))}`
    )
  })
  const waiting = () => (sources.data()?.sources ?? []).reduce((sum, source) => sum + source.waiting, 0)
  const troubled = () => (sources.data()?.sources ?? []).filter(({ state }) => state === 'troubled').length
  return (
    <>
      <PageHead name="Data" title={title()}>
        What Clearway holds, what is coming in, and what did not fit.
        <Show when={troubled() > 0}>
          {' '}
          <a href="#sources" target="_self">
            {troubled() === 1 ? 'One source is' : `${troubled()} sources are`} in trouble
          </a>
          .
        </Show>
      </PageHead>
      <Freshness answer={freshness} zone={zone()} />
      <ComingIn
        loads={live.loads()}
        connected={live.connected()}
        news={live.news()}
        ledger={loads.data()?.loads}
        waiting={waiting()}
        zone={zone()}
        refresh={() => refresh('/api/v1/loads?')}
      />
      <Sources answer={sources} zone={zone()} />
      <Ledger zone={zone()} />
      <LoadYourOwn />
    </>
  )
}
