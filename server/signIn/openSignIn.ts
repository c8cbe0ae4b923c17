import type { Logger } from 'pino'
import type { Access } from '../../sql/accessConfig.ts'
import type { Db } from '../../sql/db.ts'
import type { Env } from '../env.ts'
import { configOrNone } from '../open.ts'
import type { Note } from './note.ts'
import { makeOnceLink, wasOnceLinkMade } from './once.ts'
import { secretsOf } from './seal.ts'
import { providersOf } from './settings.ts'
import { SignIn } from './signIn.ts'

type Open = { log: Logger; origin: () => string; note?: Note }

/** What a server signs people in with. `origin` is where it is on this machine; `note` writes down what happens, else the log has it. */
export async function openSignIn(db: Db, env: Env, { log, origin, note }: Open): Promise<SignIn> {
  const access = accessInForce(db.dataDir, log)
  const providers = providersOf(env, access())
  const rules = access().groups
  for (const { id } of providers)
    if (!rules.some(({ provider }) => provider === id))
      log.warn({ provider: id }, 'nobody can sign in: access.groups gives no group of this provider a role')
  return new SignIn({
    ...{ db, access, providers, log },
    ...(note ? { note } : {}),
    secrets: await secretsOf(db.dataDir, env),
    address: () => env.CLEARWAY_ADDRESS ?? origin(),
  })
}

/** The rules as the configuration has them now. While somebody writes it and it does not fit, those of before count. */
function accessInForce(dataDir: string, log: Logger): () => Access {
  let last = configOrNone(dataDir).access
  let told = ''
  return () => {
    try {
      last = configOrNone(dataDir).access
      told = ''
    } catch (error) {
      const reason = error instanceof Error ? error.message : String(error)
      if (reason !== told) log.error({ reason }, 'the configuration does not fit: the rules of before count')
      told = reason
    }
    return last
  }
}

/** Where nobody has to sign in, the first start makes the one link that opens what the machine itself may not do. */
export const firstLink = async (signIn: SignIn, origin: string): Promise<string | undefined> =>
  signIn.isConfigured || wasOnceLinkMade(signIn.dataDir) ? undefined : makeOnceLink(signIn.dataDir, origin)
