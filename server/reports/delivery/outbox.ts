import { mkdir, readdir, readFile, rm, stat } from 'node:fs/promises'
import path from 'node:path'
import { isCode, settleFolder, writeAllDurably, writeDurably } from '../../durable.ts'
import type { Parcel, Receipt } from '../parcel.ts'
import { reportsDir } from './settings.ts'

/**
 * Parcels and receipts on disk, a file each. A receipt is written before its parcel goes away, and goes away after it: so a parcel without a
 * receipt is one that has to be handed over, whenever either process dies.
 */
export async function openOutbox(dataDir: string) {
  const [outbox, kept] = ['outbox', 'receipts'].map((name) => path.join(reportsDir(dataDir), name)) as [
    string,
    string,
  ]
  for (const folder of [outbox, kept]) await mkdir(folder, { recursive: true })
  const parcelOf = (key: string) => path.join(outbox, `${nameable(key)}.json`)
  const receiptOf = (key: string) => path.join(kept, `${nameable(key)}.json`)

  const underWay = async (): Promise<string[]> => {
    // in this order: what is handed over meanwhile is then told as a receipt, never as both
    const parcels = await keysIn(outbox)
    const done = new Set(await keysIn(kept))
    return parcels.filter((key) => !done.has(key))
  }

  return {
    underWay,

    /** Takes on what is neither under way already nor has a receipt that is not settled. */
    async post(parcels: readonly Parcel[]): Promise<void> {
      for (const { key } of parcels) nameable(key)
      // in this order: a parcel that is gone from the outbox has its receipt
      const known = new Set([...(await keysIn(outbox)), ...(await keysIn(kept))])
      await writeAllDurably(outbox, filesOf(parcels.filter(({ key }) => !known.has(key))))
    },

    /** The parcel to hand over; undefined when there is none any more, or it was handed over before. */
    async take(key: string): Promise<Parcel | undefined> {
      // in this order: settling removes the parcel before the receipt
      if (await isThere(receiptOf(key))) {
        await rm(parcelOf(key), { force: true })
        return undefined
      }
      try {
        return JSON.parse(await readFile(parcelOf(key), 'utf8')) as Parcel
      } catch (error) {
        if (isCode(error, 'ENOENT')) return undefined
        throw error
      }
    },

    async receive(receipt: Receipt): Promise<void> {
      await writeDurably(receiptOf(receipt.key), JSON.stringify(receipt))
      await rm(parcelOf(receipt.key), { force: true })
    },

    async receipts(): Promise<Receipt[]> {
      const found = await Promise.all(
        (await keysIn(kept)).map((key) => readFile(receiptOf(key), 'utf8').catch(() => undefined)),
      )
      return found.flatMap((text) => (text === undefined ? [] : [JSON.parse(text) as Receipt]))
    },

    async hasReceipt(): Promise<boolean> {
      return (await keysIn(kept)).length > 0
    },

    async settle(keys: string[]): Promise<void> {
      for (const key of keys) await rm(parcelOf(key), { force: true })
      await settleFolder(outbox)
      for (const key of keys) await rm(receiptOf(key), { force: true })
      await settleFolder(kept)
    },
  }
}
export type Outbox = Awaited<ReturnType<typeof openOutbox>>

/** One after the other: a letter is large. */
function* filesOf(parcels: readonly Parcel[]) {
  for (const parcel of parcels) yield [`${parcel.key}.json`, JSON.stringify(parcel)] as const
}

const keysIn = async (folder: string): Promise<string[]> =>
  (await readdir(folder)).flatMap((name) => /^([0-9a-f]{32})\.json$/.exec(name)?.[1] ?? [])

const isThere = (file: string): Promise<boolean> =>
  stat(file).then(
    () => true,
    (error) => {
      if (isCode(error, 'ENOENT')) return false
      throw error
    },
  )

function nameable(key: string): string {
  if (/^[0-9a-f]{32}$/.test(key)) return key
  throw new Error(`"${key}" is no key of a parcel: it must be 32 hex digits.`)
}
