import type { z } from 'zod'
import type { Db } from './db.ts'
import type { Query } from './query.ts'
import type { Reading } from './reader.ts'
import { changedWith } from './serviceVersions.ts'
import type { ReaderDb } from './within.ts'

/** Answers by what was asked, each with the state of the data that it is right for. */
type Answers = Map<string, { state: string; answer: Promise<unknown> }>

const kept = new WeakMap<Db, { version: string; answers: Answers }>()
const lasting = new WeakMap<Db, Answers>()
/** So many questions are kept of one state of the data, those asked last. */
const most = 200
/** Answers of more rows than this go to those who wait for them and are not kept. */
const long = 2_000
const isShort = (answer: unknown): boolean => !Array.isArray(answer) || answer.length <= long

/**
 * The answer to a question, asked once for each state of the data: who asks the same while it is asked, or later, gets the same answer, which
 * nobody may change. `question` names everything that the answer hangs on, save what is seen of the store; `isKept` says whether it is small
 * enough to be kept. Who asked first may go away before the answer is there: then the next one asks.
 */
export async function askOnce<T>(
  db: Db | ReaderDb,
  version: string,
  question: string,
  ask: () => Promise<T>,
  isKept: (answer: T) => boolean = isShort,
): Promise<T> {
  // while a load is being published an answer may mix old and new
  if (Number(version) % 2 === 1) return ask()
  return askUnlessKept(answersOf(db, version), { question, state: version }, ask, isKept)
}

async function askUnlessKept<T>(
  answers: Answers,
  { question, state }: { question: string; state: string },
  ask: () => Promise<T>,
  isKept: (answer: T) => boolean,
): Promise<T> {
  const found = answers.get(question)
  answers.delete(question)
  const answer = found?.state === state ? (found.answer as Promise<T>).catch(ask) : ask()
  const mine = { state, answer }
  answers.set(question, mine)
  const forget = () => {
    if (answers.get(question) === mine) answers.delete(question)
  }
  answer.then((given) => {
    if (!isKept(given)) forget()
  }, forget)
  for (const oldest of answers.keys()) {
    if (answers.size <= most) break
    answers.delete(oldest)
  }
  return answer
}

/** The answer to a question that was asked of this state of the data already; it is asked once more by this. */
export function askedBefore<T>(db: Db | ReaderDb, version: string, question: string): Promise<T> | undefined {
  const answers = answersOf(db, version)
  const found = answers.get(question)
  if (!found) return undefined
  answers.delete(question)
  answers.set(question, found)
  return found.answer as Promise<T>
}

/** A query of a reading, asked once for each state of the data. */
export const rowsOnce = <P extends z.ZodObject, R extends z.ZodObject>(
  db: Db | ReaderDb,
  { head }: Pick<Reading, 'head'>,
  query: Query<P, R>,
  params: z.input<P>,
): Promise<z.output<R>[]> =>
  askOnce(db, head.data_version, JSON.stringify([query.queryName, params]), () => query(db, params))

/**
 * The same for a query that reads only rows of the services in its parameters, where some are chosen: what it gave stays right while the data of
 * these does not change.
 */
export function rowsOfServices<P extends z.ZodObject, R extends z.ZodObject>(
  asked: Db | ReaderDb,
  reading: Pick<Reading, 'head' | 'changed'>,
  query: Query<P, R>,
  params: z.input<P> & { service: string[] },
): Promise<z.output<R>[]> {
  const since = changedWith(reading.changed, params.service)
  const ask = () => rowsOnce(asked, reading, query, params)
  if (since === null) return ask()
  const db = keptOf(asked)
  const answers: Answers = lasting.get(db) ?? new Map()
  lasting.set(db, answers)
  const question = JSON.stringify([query.queryName, params])
  return askUnlessKept(answers, { question, state: String(since) }, ask, isShort)
}

const keptOf = (asked: Db | ReaderDb): Db => ('sight' in asked ? asked.sight.kept : asked)

function answersOf(asked: Db | ReaderDb, version: string): Answers {
  const db = keptOf(asked)
  const known = kept.get(db)
  if (known?.version === version) return known.answers
  const answers: Answers = new Map()
  kept.set(db, { version, answers })
  return answers
}
