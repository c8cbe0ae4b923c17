import { createEffect, For, Show } from 'solid-js'
import { streamWords } from '../../server/words/streamWords.ts'
import { type Glossary as GlossaryAnswer, type KpiDefinition, useAnswer } from '../api.ts'
import { PageHead } from '../components/PageHead.tsx'
import { Loaded } from '../components/States.tsx'

const counted: Record<KpiDefinition['view'], string> = {
  cohort: 'requests that began in the period',
  flow: 'what ended in the period',
  stock: 'what was open at the end of the period',
}
const direction: Record<KpiDefinition['better'], string> = {
  higher: 'Higher is better',
  lower: 'Lower is better',
  neither: 'Neither high nor low is better',
}

export default function Glossary() {
  const answer = useAnswer<GlossaryAnswer>(() => '/api/v1/glossary')
  createEffect(() => {
    if (!answer.data() || !location.hash) return
    const term = document.getElementById(location.hash.slice(1))
    term?.scrollIntoView()
    term?.querySelector<HTMLElement>('h3')?.focus({ preventScroll: true })
  })
  return (
    <>
      <PageHead name="Glossary" title="What the words and figures mean">
        One word for each idea, and one definition for each figure, the same on every page, in every download.
      </PageHead>
      <Loaded answer={answer} what="The glossary" height={900}>
        {(data) => (
          <>
            <section class="section" aria-labelledby="figures">
              <h2 id="figures">Figures</h2>
              <For each={data().kpis}>
                {(kpi) => (
                  <div class="term" id={`kpi-${kpi.id}`}>
                    <h3 tabindex="-1">{kpi.label}</h3>
                    <p>{kpi.means}</p>
                    <dl class="facts">
                      <dt>Formula</dt>
                      <dd>{kpi.formula}</dd>
                      <dt>Counted</dt>
                      <dd>
                        {counted[kpi.view]}, from {streamWords[kpi.stream] ?? kpi.stream}
                      </dd>
                      <dt>Direction</dt>
                      <dd>{direction[kpi.better]}</dd>
                      <Show when={kpi.caveats.length > 0}>
                        <dt>Mind</dt>
                        <dd>{kpi.caveats.join(' ')}</dd>
                      </Show>
                      <dt>Definition</dt>
                      <dd>
                        <code>
                          {kpi.id}@{kpi.version}
                        </code>
                      </dd>
                    </dl>
                  </div>
                )}
              </For>
            </section>
            <section class="section" aria-labelledby="words">
              <h2 id="words">Words</h2>
              <For each={data().words}>
                {(word) => (
                  <div class="term" id={`word-${word.word.replaceAll(' ', '-')}`}>
                    <h3>{word.word}</h3>
                    <p>{word.meaning}</p>
                    <Show when={word.elsewhere}>
                      <p class="muted">Elsewhere called: {word.elsewhere}</p>
                    </Show>
                  </div>
                )}
              </For>
            </section>
          </>
        )}
      </Loaded>
    </>
  )
}
