import type { Kpis, Meta } from '../answerTypes.ts'
import { formatShare } from './format.ts'
import { streamWords } from './streamWords.ts'
import { andList } from './words.ts'

type Missing = Kpis['missing'][number]

const mostTold = 3

/**
 * Which figures may still change, and why: "Provisional: the case events of Building permits are about 80% complete." Empty when
 * the period is known. The least complete stand first.
 */
export function provisionalWords(missing: readonly Missing[], services: Meta['services']): string {
  if (missing.length === 0) return ''
  const name = (id: string): string => services.find((service) => service.id === id)?.name ?? id
  const told = missing.slice(0, mostTold).map(({ source, stream, services: ids, complete }) => {
    const of = ids.length > 0 && ids.length <= 2 ? andList(ids.map(name)) : source
    const much =
      complete < 0.005 ? 'not there yet' : `about ${formatShare(Math.round(complete * 100) / 100)} complete`
    return `the ${streamWords[stream] ?? stream} of ${of} are ${much}`
  })
  const more = missing.length - told.length
  return `Provisional: ${andList([...told, ...(more > 0 ? [`${more} more ${more === 1 ? 'source is' : 'sources are'} incomplete`] : [])])}.`
}
