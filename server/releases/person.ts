import type { Db } from '../../sql/db.ts'
import { type ApiKey, findKey, noteUse } from '../../sql/keys.ts'
import type { Person } from './desk.ts'
import { ReleaseError } from './releaseError.ts'

const how =
  'Make one for each person: clearway key create --name NAME --role publisher. It takes two persons to publish.'

/** Who takes part in releases: a key with the role publisher and the scope publish. Throws a ReleaseError for any other. */
export function publisherOf({ id, name, role, scopes }: ApiKey): Person {
  if (role !== 'publisher' || !scopes.includes('publish'))
    throw new ReleaseError(
      `The key "${name}" may not take part in releases: it has the role ${role} and may ${scopes.join(', ') || 'do nothing'}. ${how}`,
    )
  return { id, name }
}

/** The person behind the key given on the command line. */
export async function personOf(db: Db, token: string | undefined): Promise<Person> {
  if (token === undefined)
    throw new ReleaseError(`Say who does this: give your key with --key or in CLEARWAY_KEY. ${how}`)
  const key = await findKey(db, token)
  if (!key) throw new ReleaseError(`The key is not known here or was revoked. ${how}`)
  const person = publisherOf(key)
  await noteUse(db, key.id)
  return person
}
