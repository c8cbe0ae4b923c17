import type { z } from 'zod'
import type { Db } from './db.ts'
import type { Query } from './query.ts'
import type { Reading } from './reader.ts'
import { changedWith } from './serviceVersions.ts'
import type { ReaderDb } from './within.ts'

type Kept = { version: string; answers: Map<string, Promise<unknown>> }

const kept = new WeakMap<Db, Kept>()
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
  const answers = answersOf(db, version)
  const found = answers.get(question) as Promise<T> | undefined
  answers.delete(question)
  const answer = found ? found.catch(ask) : ask()
  answers.set(question, answer)
  const forget = () => {
    if (answers.get(question) === answer) answers.delete(question)
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
  const found = answers.get(question) as Promise<T> | undefined
  if (!found) return undefined
  answers.delete(question)
  answers.set(question, found)
  return found
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
  db: Db | ReaderDb,
  reading: Pick<Reading, 'head' | 'changed'>,
  query: Query<P, R>,
  params: z.input<P> & { service: string[] },
): Promise<z.output<R>[]> {
  const since = changedWith(reading.changed, params.service)
  const ask = () => rowsOnce(db, reading, query, params)
  return since === null ? ask() : askWhileSame(db, since, JSON.stringify([query.queryName, params]), ask)
}

type Lasting = Map<string, { since: number; answer: Promise<unknown[]> }>
const lasting = new WeakMap<Db, Lasting>()

async function askWhileSame<Row>(
  asked: Db | ReaderDb,
  since: number,
  question: string,
  ask: () => Promise<Row[]>,
): Promise<Row[]> {
  const db = 'sight' in asked ? asked.sight.kept : asked
  const answers: Lasting = lasting.get(db) ?? new Map()
  lasting.set(db, answers)
  const found = answers.get(question)
  answers.delete(question)
  const answer = found?.since === since ? (found.answer as Promise<Row[]>).catch(ask) : ask()
  const mine = { since, answer }
  answers.set(question, mine)
  const forget = () => {
    if (answers.get(question) === mine) answers.delete(question)
  }
  answer.then((rows) => {
    if (!isShort(rows)) forget()
  }, forget)
  for (const oldest of answers.keys()) {
    if (answers.size <= most) break
    answers.delete(oldest)
  }
  return answer
}

function answersOf(asked: Db | ReaderDb, version: string): Map<string, Promise<unknown>> {
  const db = 'sight' in asked ? asked.sight.kept : asked
  const known = kept.get(db)
  if (known?.version === version) return known.answers
  const answers = new Map<string, Promise<unknown>>()
  kept.set(db, { version, answers })
  return answers
}
