import type { ProfileName, Publication } from '../../sql/publication.ts'
import type { Profile } from '../releases/published.ts'

/**
 * The rules agencies publish by. `standard` is the rule of NHS hospital statistics (1 to 7 hidden, the rest to the nearest 5),
 * `health` that of the US Medicare agency (1 to 10), `education` the usual one of US states (below 10, and no "nobody" or "everybody").
 */
const profiles: Record<Exclude<ProfileName, 'custom'>, Profile> = {
  low: { name: 'low', k: 5, base: 5, zeros_tell: false },
  standard: { name: 'standard', k: 8, base: 5, zeros_tell: false },
  health: { name: 'health', k: 11, base: 5, zeros_tell: false },
  education: { name: 'education', k: 10, base: 5, zeros_tell: true },
}

/** The profile a service is published by; `null` for what is told of no single service. */
export function profileOf(
  publication: Pick<Publication, 'profile' | 'profiles' | 'custom'>,
  serviceId: string | null,
): Profile {
  const own = serviceId !== null && Object.hasOwn(publication.profiles, serviceId)
  const name = own ? (publication.profiles[serviceId] ?? publication.profile) : publication.profile
  if (name !== 'custom') return profiles[name]
  if (publication.custom) return { name, ...publication.custom }
  throw new Error(
    `${own ? `The service ${serviceId}` : 'The publication'} has the profile custom, but publication.custom does not say its numbers. ` +
      'Add "custom": { "k": 8, "base": 5 } to publication in the configuration, or choose low, standard, health or education.',
  )
}

/** For totals over services: as strict as the strictest of them in everything. */
export function strictest(given: readonly Profile[]): Profile {
  const [first, ...others] = given
  if (!first) throw new Error('There is no profile to choose the strictest from.')
  return others.reduce((one, other) => {
    const stricter = other.k > one.k ? other : one
    return {
      name: stricter.name,
      k: stricter.k,
      base: Math.max(one.base, other.base),
      zeros_tell: one.zeros_tell || other.zeros_tell,
    }
  }, first)
}
