import { For, Show } from 'solid-js'
import { type Reports as ReportsAnswer, useAnswer, useRefresh } from '../api.ts'
import { PageHead } from '../components/PageHead.tsx'
import { Empty, Loaded } from '../components/States.tsx'
import { useMeta } from '../filters.ts'
import { useEvery } from './intake/live.ts'
import { History } from './reports/History.tsx'
import { NewSchedule } from './reports/NewSchedule.tsx'
import { OneSchedule } from './reports/OneSchedule.tsx'
import { Verify } from './reports/Verify.tsx'
import { reportsTitle } from './reports/words.ts'

/** Which reports go to whom and when, what became of them and why, and a way to check one that somebody holds in hand. */
export default function Reports() {
  const meta = useMeta()
  const zone = () => meta()?.jurisdiction.time_zone ?? 'UTC'
  const answer = useAnswer<ReportsAnswer>(() => '/api/v1/reports')
  const refresh = useRefresh()
  const changed = () => refresh('/api/v1/reports')
  /** Who follows the link of a report came to verify it. */
  const verifies = new URLSearchParams(location.search).has('verify')
  useEvery(5, changed)
  return (
    <>
      <PageHead name="Reports" title={answer.data() && reportsTitle(answer.data() as ReportsAnswer, zone())}>
        A report goes out once, with whole data, to those who may see it; or it says here why not.
      </PageHead>
      <Show when={verifies}>
        <Verify zone={zone()} />
      </Show>
      <Loaded answer={answer} what="The list of reports" height={400}>
        {(data) => (
          <>
            <section class="section" aria-labelledby="schedules">
              <h2 id="schedules">Schedules</h2>
              <Show when={data().schedules.length === 0}>
                <Empty title="Nothing is scheduled.">
                  <p>
                    Choose a view on any page and press “Send this regularly”, or fill in the form below.
                    Schedules can also stand in <code>clearway.config.json</code>, where changes are reviewed.
                  </p>
                </Empty>
              </Show>
              <ul class="cards sources">
                <For each={data().schedules.map(({ id }) => id)}>
                  {(id) => (
                    <Show when={data().schedules.find((one) => one.id === id)}>
                      {(schedule) => (
                        <OneSchedule
                          schedule={schedule()}
                          reports={data().reports}
                          zone={zone()}
                          onChanged={changed}
                        />
                      )}
                    </Show>
                  )}
                </For>
              </ul>
            </section>
            <NewSchedule reports={data().reports} delivery={data().delivery} zone={zone()} onMade={changed} />
            <History schedules={data().schedules} reports={data().reports} zone={zone()} />
          </>
        )}
      </Loaded>
      <Show when={!verifies}>
        <Verify zone={zone()} />
      </Show>
    </>
  )
}
