import type { Destination } from '../../sql/reportSchedules.ts'
import type { ReportFile, ReportMessage } from './content.ts'

/** A report on its way to one recipient. Handing it over twice must do no harm: `key` is the same each time. */
export type Parcel = {
  /** One for each report, period, recipient and format: 32 hex digits. Message-ID, Idempotency-Key and names of objects are made of it. */
  key: string
  /** How often it was tried before, from 0. */
  attempt: number
  destination: Destination
  file: ReportFile
  message: ReportMessage
  /** Where the file can be fetched instead of being attached, signed and until a time; null when the server has no address for readers. */
  link: string | null
}

/**
 * What became of it. `delivered`: the receiver said so. `retry`: it may work later. `refused`: it will not, as the receiver said for good or
 * because something is not set. `proof` is what the receiver answered: a Message-ID, an ETag, a status, a path. `reason` is for people
 * and holds no secret.
 */
export type Receipt = {
  key: string
  attempt: number
  outcome: 'delivered' | 'retry' | 'refused'
  at: string
  proof: string
  reason: string
  /** Before this moment the receiver does not want to be tried again. */
  not_before?: string
}

/**
 * Brings parcels to their receivers in a process of its own, so that the death of the server leaves none half delivered. A parcel is on
 * disk before it is sent, a receipt is on disk before it is told.
 */
export type Postman = {
  /** Takes parcels on: once this returns they are on disk and will be tried, also after a crash. A key that is under way already is not taken twice. */
  post(parcels: Parcel[]): Promise<void>
  /** Receipts that were not yet dealt with, also those from before a crash. */
  receipts(): Promise<Receipt[]>
  /** Keys that are on their way, also those from before a crash. */
  underWay(): Promise<string[]>
  /** The receipt was written into the ledger: it can be forgotten. */
  settle(keys: string[]): Promise<void>
  /** Waits until there is a receipt to deal with, or until told to stop. */
  waitForReceipt(stop: AbortSignal): Promise<void>
  /** Ends after the parcels that are being handed over at this moment. */
  close(): Promise<void>
}
