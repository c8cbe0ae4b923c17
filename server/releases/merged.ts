import { type Line, mergedCategories, type PublishedCategories } from '../disclosure/merge.ts'
import { periodsOf, servicesWith } from './cube.ts'
import type { Frozen } from './frozen.ts'
import { layouts } from './layouts.ts'
import { declared } from './measures.ts'
import type { Profile } from './published.ts'

type By = 'district' | 'channel'

/** Districts, or ways in, that are told together: its id names them all, so that later releases know. */
export const mergedId = (members: readonly string[]): string => members.join('+')

/** What was told before by itself, and what together, of the values that releases gave. */
export function publishedCategories(
  values: readonly string[],
  known: readonly string[],
): PublishedCategories {
  const together = values.filter((value) => !known.includes(value)).map((value) => value.split('+'))
  const merged = together.filter((members) => members.every((one) => known.includes(one))).flat()
  return { apart: values.filter((value) => known.includes(value)), merged }
}

/**
 * Puts the smallest districts, and the smallest ways in, together where that hides clearly less. Counts are added up; times of different
 * cases are not, so that there are none of what was put together.
 */
export function mergeSmall(
  frozen: Frozen,
  profile: (service: string) => Profile,
  before: Record<By, readonly string[]>,
): Frozen {
  const { about } = frozen
  const district = membersOf('district', about.districts)
  const channel = membersOf('channel', about.channels)
  if (district.length === 0 && channel.length === 0) return frozen
  const [districtId, channelId] = [mergedId(district), mergedId(channel)]
  return {
    ...frozen,
    about: {
      ...about,
      districts: together(about.districts, district, (members) => ({
        id: districtId,
        name: members.map(({ name }) => name).join(', '),
        shape: members.some(({ shape }) => shape) ? members.flatMap(({ shape }) => shape ?? []) : null,
      })),
      channels: together(about.channels, channel, (members) => ({
        id: channelId,
        name: members.map(({ name }) => name).join(', '),
        digital: members.every(({ digital }) => digital),
      })),
    },
    count(name, at) {
      const sum = (by: By, members: readonly string[]) =>
        members.reduce((all, one) => all + frozen.count(name, { ...at, [by]: one }), 0)
      if (district.length > 0 && at.district === districtId) return sum('district', district)
      if (channel.length > 0 && at.channel === channelId) return sum('channel', channel)
      return frozen.count(name, at)
    },
  }

  function membersOf(by: By, known: readonly { id: string }[]): string[] {
    const ids = known.map(({ id }) => id)
    return mergedCategories(ids, linesBy(by, ids), publishedCategories(before[by], ids))
  }

  /** Every count that is told by district or channel, in each service and quarter. */
  function linesBy(by: By, ids: readonly string[]): Line[] {
    const told = new Set(layouts.filter((layout) => layout.by === by).flatMap(({ measures }) => measures))
    return [...told].flatMap((count) => {
      const one = declared[count]
      if (one?.kind !== 'count') return []
      return servicesWith(frozen, one.stream).flatMap((service) =>
        periodsOf(about).parts.map((period) => {
          const place = { service, district: 'all', channel: 'all', period: period.id }
          const counts = ids.map((id) => [id, frozen.count(count, { ...place, [by]: id })] as const)
          return { profile: profile(service), counts: Object.fromEntries(counts) }
        }),
      )
    })
  }
}

/** The members stand as one where the first of them stood last. */
function together<N extends { id: string }>(
  known: readonly N[],
  members: readonly string[],
  made: (members: N[]) => N,
): N[] {
  const own = known.filter(({ id }) => members.includes(id))
  return own.length === 0 ? [...known] : [...known.filter(({ id }) => !members.includes(id)), made(own)]
}
