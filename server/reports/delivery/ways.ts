import type { Destination } from '../../../sql/reportSchedules.ts'
import type { Parcel, Receipt } from '../parcel.ts'
import { sha256Of } from './bytes.ts'
import type { openMail } from './email.ts'
import { type Handed, refused, retry, told } from './handed.ts'
import { type DeliverySettings, secretsOf } from './settings.ts'

/** Who a parcel is handed to: what keeps one parcel waiting keeps the others of the same receiver waiting too, and no more. */
export function receiverOf(destination: Destination): string {
  switch (destination.kind) {
    case 'webhook':
      return `webhook ${destination.url.startsWith('$') ? destination.url : new URL(destination.url).host}`
    case 'sftp':
      return `sftp ${destination.host}:${destination.port}`
    default:
      return destination.kind
  }
}

/** All ways to people. Handing over never fails: it ends with what came of it. */
export function openWays(settings: DeliverySettings, { timeLimit = 120_000 } = {}) {
  const secrets = secretsOf(settings)
  let mail: Promise<ReturnType<typeof openMail>> | undefined

  /** A way is loaded when the first parcel takes it: most offices use one or two. */
  async function byItsWay(parcel: Parcel, signal: AbortSignal): Promise<Handed> {
    const { destination } = parcel
    switch (destination.kind) {
      case 'folder':
        return (await import('./folder.ts')).toFolder(parcel, destination, settings)
      case 'email':
        mail ??= import('./email.ts').then((email) => email.openMail(settings.mail))
        return (await mail).send(parcel, destination, signal)
      case 's3':
        return (await import('./s3.ts')).toS3(parcel, destination, settings.s3, signal)
      case 'webhook':
        return (await import('./webhook.ts')).toWebhook(parcel, destination, settings.webhook, signal)
      case 'sftp':
        return (await import('./sftp.ts')).toSftp(parcel, destination, settings.sftp, signal)
    }
  }

  async function handOver(parcel: Parcel): Promise<Receipt> {
    const { key, attempt, file } = parcel
    // slow lines bring 512 kB a second
    const limit = timeLimit + Math.ceil(file.bytes / 512)
    const signal = AbortSignal.timeout(limit)
    let handed: Handed
    try {
      const sha256 = await sha256Of(file.path)
      if (sha256 === undefined) handed = refused('The file of the report is not in the archive any more.')
      else if (sha256 !== file.sha256)
        handed = refused('The file of the report is damaged: it has another checksum than when it was made.')
      else handed = await Promise.race([byItsWay(parcel, signal), stuck(signal)])
    } catch (error) {
      handed = retry(reasonOf(error))
    }
    if (handed.outcome === 'retry' && signal.aborted)
      handed = retry(`The receiver took longer than ${limit / 1000} seconds.`)
    const [proof, reason] = [told(handed.proof, secrets), told(handed.reason, secrets)]
    return { key, attempt, at: new Date().toISOString(), ...handed, proof, reason }
  }

  return { handOver, close: () => void mail?.then((way) => way.close()) }
}
export type Ways = Pick<ReturnType<typeof openWays>, 'handOver' | 'close'>

/** Ways end by themselves when their time is up; a disk that does not answer is not waited for either. */
const stuck = (signal: AbortSignal): Promise<never> =>
  new Promise((_, reject) => {
    const giveUp = () => setTimeout(() => reject(new Error('no answer')), 2_000).unref()
    signal.addEventListener('abort', giveUp, { once: true })
  })

/** Errors of several addresses come as one without words. */
function reasonOf(error: unknown): string {
  if (error instanceof AggregateError && error.errors.length > 0) return reasonOf(error.errors[0])
  if (!(error instanceof Error)) return String(error)
  return error.cause instanceof Error ? `${error.message}: ${reasonOf(error.cause)}` : error.message
}
