import type { Meta } from '../answerTypes.ts'
import { figuresSha256 } from './checksum.ts'
import type { Composing, ReportContent, ReportDefinition } from './content.ts'
import type { Block, HeadLine } from './document.ts'
import { definitionsIn, type Ground, headOf } from './head.ts'

/** What a report tells, before the block that stands on each of them. */
export type Told = {
  title: string
  lead: string
  blocks: Block[]
  notes: string[]
  tables: ReportContent['tables']
  ground: Ground
  /** Definitions of figures in no table. */
  definitions?: string[]
  /** How complete it is, where that is not a matter of the period. */
  completeness?: string
  /** Lines of the head that only this report has. */
  head?: HeadLine[]
}

/** Puts the head block on what is told and signs the figures with their checksum. */
export async function contentOf(
  { db, filters, options, marks, address }: Composing,
  { title: name }: Pick<ReportDefinition, 'title'>,
  meta: Meta,
  { title, lead, blocks, notes, tables, ground, definitions = [], completeness, head = [] }: Told,
): Promise<ReportContent> {
  const checksum = await figuresSha256(db, tables)
  const used = [...new Set([...definitions, ...definitionsIn(tables)])].sort()
  const { name: jurisdiction } = meta.jurisdiction
  return {
    document: {
      title,
      subtitle: [name, jurisdiction].filter((part) => part !== '').join(', '),
      lead,
      head: [
        ...headOf({
          meta,
          filters,
          options,
          marks,
          ground,
          definitions: used,
          checksum,
          address,
          completeness,
        }),
        ...head,
      ],
      blocks,
      notes,
    },
    tables,
    as_of: ground.as_of,
    data_version: ground.data_version,
    period: ground.period,
    figures_sha256: checksum,
  }
}

/** What must be known to read figures and their changes. */
export const figureNotes = [
  'A change is real when it is larger than chance explains (95 %).',
  'Times are calendar times unless the figure says otherwise; percentiles are never averaged or added.',
]
