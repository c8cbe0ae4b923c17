import type { Db } from '../../sql/db.ts'
import { findKey, noteUses } from '../../sql/keys.ts'
import { ofKey } from '../access/identities.ts'
import type { Who } from '../access/who.ts'
import type { Person } from './desk.ts'
import { ReleaseError } from './releaseError.ts'

const how =
  'Make one for each person: clearway key create --name NAME --role publisher. It takes two persons to publish.'

/** Who takes part in releases: somebody with the role publisher and the scope publish. Throws a ReleaseError for any other. */
export function publisherOf({ kind, id, name, grants }: Who): Person {
  const [first] = grants
  if (!grants.some(({ role, may }) => role === 'publisher' && may.includes('publish')))
    throw new ReleaseError(
      `${kind === 'key' ? `The key "${name}"` : name} may not take part in releases: it has the role ${first?.role ?? 'of nobody'} and may ${first?.may.join(', ') || 'do nothing'}. ${how}`,
    )
  return { id, name }
}

/** The person behind the key given on the command line. */
export async function personOf(db: Db, token: string | undefined): Promise<Person> {
  if (token === undefined)
    throw new ReleaseError(`Say who does this: give your key with --key or in CLEARWAY_KEY. ${how}`)
  const key = await findKey(db, token)
  if (!key) throw new ReleaseError(`The key is not known here or was revoked. ${how}`)
  const person = publisherOf(ofKey(key))
  await noteUses(db, [{ id: key.id, at: new Date() }])
  return person
}
