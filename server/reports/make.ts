import { join } from 'node:path'
import type { Config } from '../../sql/config.ts'
import { believing, dataVersion } from '../../sql/dataVersion.ts'
import type { Db } from '../../sql/db.ts'
import { data as storeData } from '../data.ts'
import { checked } from './asked.ts'
import type { MadeReport, ReportContent, ReportRequest } from './content.ts'
import type { Paper } from './document.ts'
import { NotNowError } from './reportError.ts'
import { fileName, mediaTypeOf, writeReport } from './write.ts'

/** What a report is made from and drawn with. `alone`: nobody else asks this store through `db` meanwhile. */
export type Making = { db: Db; config: Config; address: string; paper: Paper; alone?: boolean }

/** So many rows of a table stand in a letter; all of them are in the file. */
const rowsInLetter = 20
/** Loads may follow each other: so often a report is begun anew. */
const attempts = 8

/** All that a report tells, before it is written in any format. */
export async function compose(
  { db, config, address, paper }: Making,
  request: ReportRequest,
): Promise<ReportContent> {
  const report = checked(request)
  const { filters, options, format, marks = [] } = request
  const data = await storeData()
  const { chartSvg } = paper
  return report.compose({ db, data, config, filters, options, marks, format, chartSvg, address })
}

/**
 * Makes a report and writes its file into a folder. All of it is of one state of the data: what a load came across is made again. The same
 * content gives the same bytes, since nothing in it tells the time it was made.
 */
export async function make(making: Making, request: ReportRequest, folder: string): Promise<MadeReport> {
  const { db, paper, alone = false } = making
  for (let attempt = 1; ; attempt += 1) {
    const before = await dataVersion(db)
    const composed = () => compose(making, request)
    const content = await (alone && before.final ? believing(db, before, composed) : composed())
    const path = join(folder, `report.${request.format}`)
    const written = await writeReport(db, paper, content, request, path)
    const after = await dataVersion(db)
    if (before.final && before.version === after.version) return made(paper, content, request, path, written)
    if (attempt === attempts)
      throw new NotNowError(
        'Data was loaded all the while the report was made: make it again when the load is done.',
      )
  }
}

function made(
  paper: Paper,
  content: ReportContent,
  request: ReportRequest,
  path: string,
  written: { bytes: number; sha256: string },
): MadeReport {
  const { document, as_of, data_version, figures_sha256 } = content
  return {
    request,
    title: document.title,
    message: {
      subject: document.title,
      html: paper.html(document, { rows: rowsInLetter }),
      text: paper.text(document, { rows: rowsInLetter }),
      head: document.head,
    },
    file: { path, name: fileName(content, request), media_type: mediaTypeOf(request.format), ...written },
    as_of,
    data_version,
    figures_sha256,
  }
}
