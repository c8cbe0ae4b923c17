import { lazy, onMount, Show, Suspense } from 'solid-js'
import {
  formatCount,
  formatDuring,
  formatHours,
  formatShare,
  withDays,
} from '../../../server/words/format.ts'
import { costWords } from '../../../server/words/titles.ts'
import { dimensionWord } from '../../../sql/dimensionWord.ts'
import type { Finding } from '../../api.ts'
import { casesPath } from '../../cases.ts'
import { Confidence } from '../../components/Confidence.tsx'
import { Skeleton } from '../../components/States.tsx'
import { useFilters, useMeta } from '../../filters.ts'
import { findingKey, headline, sinceWords, stagePath, useSegmentName } from './words.ts'
import './findings.css'

const Evidence = lazy(() => import('./Evidence.tsx'))

/** One finding: what it is in a sentence, what it costs, since when, how sure it is; its evidence is one click away. */
export function FindingItem(props: {
  finding: Finding
  open: boolean
  toggle: () => void
  /** It is what the address asks for: it is brought into view. */
  wanted: boolean
}) {
  const { page, period } = useFilters()
  const meta = useMeta()
  const service = () =>
    meta()?.services.find(({ id }) => id === props.finding.service)?.name ?? props.finding.service
  const name = useSegmentName()
  const since = () => sinceWords(props.finding)
  const whom = () => {
    const { explained_by, segment } = props.finding
    return explained_by ?? (segment && { dimension: segment.dimension, values: [segment.value] })
  }
  const panel = () => `evidence-${props.finding.rank}`
  let item!: HTMLLIElement
  onMount(() => {
    if (props.wanted) item.scrollIntoView()
  })
  return (
    <li ref={item} class="finding" id={findingKey(props.finding)}>
      <span class="rank">{props.finding.rank}</span>
      <div>
        <h3>{headline(props.finding, service())}</h3>
        <p class="finding-sentence">{withDays(props.finding.sentence)}</p>
        <dl class="finding-facts">
          <div>
            <dt>It cost people</dt>
            <dd>
              <strong>{costWords(props.finding.extra_hours)}</strong> more {formatDuring(period())}{' '}
              <span class="muted">
                ({formatHours(props.finding.extra_hours_per_case)} for each of{' '}
                {formatCount(props.finding.cases)} cases)
              </span>
            </dd>
          </div>
          <div>
            <dt>Since</dt>
            <dd>
              <strong>{since().day}</strong> <span class="muted">{since().range}</span>
            </dd>
          </div>
          <div>
            <dt>How sure</dt>
            <dd>
              <Confidence errors={props.finding.certainty} />
            </dd>
          </div>
          <div>
            <dt>Whom it concerns</dt>
            <dd>
              <Show when={whom()} fallback={<strong>No group alone</strong>}>
                {(groups) => (
                  <>
                    <strong>
                      {groups()
                        .values.map((value) => name(groups().dimension, value))
                        .join(', ')}
                    </strong>{' '}
                    <span class="muted">
                      ({dimensionWord(groups().dimension)})
                      <Show when={props.finding.explained_by}>
                        {(part) =>
                          `: ${formatShare(part().share)} of it, ${formatShare(part().usual_share)} of the cases before`
                        }
                      </Show>
                    </span>
                  </>
                )}
              </Show>
            </dd>
          </div>
        </dl>
        <div class="controls">
          <button
            type="button"
            class="button"
            aria-expanded={props.open}
            aria-controls={panel()}
            onClick={() => props.toggle()}
          >
            {props.open ? 'Hide the evidence' : 'Show the evidence'}
            <span class="visually-hidden"> for {headline(props.finding, service())}</span>
          </button>
          <Show
            when={props.finding.stage}
            fallback={
              <a class="button" href={page(`/services/${props.finding.service}`, { service: [] })}>
                Look at {service()}
              </a>
            }
          >
            {(stage) => (
              <a class="button" href={page(stagePath(stage()), { service: [props.finding.service] })}>
                Look at {stage()}
                <span class="visually-hidden"> in {service()}</span>
              </a>
            )}
          </Show>
          <a class="button" href={casesOf(props.finding, page)}>
            See the cases
            <span class="visually-hidden"> behind {headline(props.finding, service())}</span>
          </a>
        </div>
        <div id={panel()}>
          <Show when={props.open}>
            <Suspense fallback={<Skeleton height={900} label="Evidence: loading" />}>
              <Evidence finding={props.finding} service={service()} />
            </Suspense>
          </Show>
        </div>
      </div>
    </li>
  )
}

/**
 * The list of the cases a finding is about, longest wait first. Its hours are also those of cases that still stand at the stage; only what
 * went back a way is told of visits that ended.
 */
function casesOf(
  { kind, service, stage, from_stage, segment }: Finding,
  page: ReturnType<typeof useFilters>['page'],
) {
  const about = segment ? { dimension: segment.dimension, value: segment.value } : {}
  const from = from_stage && stage ? { from_stage } : {}
  const also = stage && kind !== 'rework' ? { also: 'waiting' } : {}
  return casesPath(page, { ...(stage ? { stage } : {}), ...also, ...from, ...about }, { service: [service] })
}
