import type { Db } from '../../sql/db.ts'
import { verifyChecksum } from '../../sql/reportRuns.ts'
import type { Archive } from './archive.ts'

/**
 * Which reports a checksum belongs to, that of a file or of its figures, or the beginning of one: those that were sent, as the log of runs
 * tells, and those that were made here and given to nobody.
 */
export async function verified(db: Db, archive: Pick<Archive, 'find'>, checksum: string) {
  const sent = (await verifyChecksum(db, checksum)).map(
    ({ period_from, period_until, first_at, last_at: _, a_run: __, as_of, ...one }) => ({
      ...one,
      ...{ period: { from: period_from, until: period_until }, as_of: as_of || null, made_at: first_at },
    }),
  )
  const made = (await archive.find(checksum))
    .filter(({ sha256 }) => !sent.some((one) => one.sha256 === sha256))
    .map(({ report, name, from, until, as_of, made_at, sha256, figures_sha256 }) => ({
      ...{ report, format: name.split('.').at(-1) ?? '', period: { from, until }, as_of, made_at },
      ...{ data_version: '', sha256, figures_sha256, delivered: 0, recipients: 0 },
    }))
  return [...sent, ...made]
}
