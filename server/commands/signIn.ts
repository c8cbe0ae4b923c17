import { resolve } from 'node:path'
import { openAudit } from '../../sql/audit.ts'
import { endSessions } from '../../sql/sessionsEnded.ts'
import { noteSignIn } from '../audit/noteSignIn.ts'
import { type Env, StartError } from '../env.ts'
import { openStore } from '../open.ts'
import { makeOnceLink } from '../signIn/once.ts'

/** Makes a link that signs in the administrator of this machine, once, and prints it. */
export async function signInLinkCommand(env: Env): Promise<void> {
  const link = await makeOnceLink(resolve(env.CLEARWAY_DATA), `http://localhost:${env.PORT}`).catch(
    (cause: unknown) => {
      throw new StartError(
        `The data folder ${env.CLEARWAY_DATA} cannot be written: start Clearway there first, or choose another folder with --data.`,
        { cause },
      )
    },
  )
  process.stdout.write(`${link}\n`)
  process.stderr.write('It works once, within 24 hours, in a browser on this machine.\n')
}

/** Ends all sessions of a person; a running server knows within five seconds. */
export async function endSessionsCommand(env: Env, person: string): Promise<void> {
  if (!/^[a-z0-9-]+:./.test(person))
    throw new StartError(
      `"${person}" is no person: write provider and subject as the audit does, like oidc:248289761001.`,
    )
  const db = await openStore(env)
  try {
    await endSessions(db, { kind: 'person', id: person, until: new Date().toISOString() })
    await noteSignIn(openAudit(db))({
      ...{ what: 'session_ended', who: person, name: person, provider: person.split(':')[0] ?? '' },
      why: 'All their sessions were ended on the machine.',
    })
    process.stdout.write(`All sessions of ${person} are over.\n`)
  } finally {
    await db.close()
  }
}
