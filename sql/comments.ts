import { z } from 'zod'
import type { Db } from './db.ts'
import { type Filters, segmentParams } from './filters.ts'
import { themeIds, themes } from './freeText/languages.ts'
import { statOf } from './kpiStats.ts'
import { segments } from './kpis/queries.ts'
import { completeness } from './period.ts'
import commentListSql from './queries/comment_list.sql?raw'
import themesSql from './queries/themes.sql?raw'
import { defineQuery } from './query.ts'
import { answering, coverageOf } from './reader.ts'
import type { Stat } from './stat.ts'
import { wholeOf } from './within.ts'

const text = z.string()
const number = z.number()
const flow = { ...segments, from: text, until: text, zone: text }

const themeCounts = defineQuery(
  'themes',
  themesSql,
  z.object(flow),
  z.object({ theme: text, comments: number, rated: number, satisfied: number }),
)

/** A comment without what tells who wrote it. */
export const commentRow = z.object({
  answered_at: text,
  service: text,
  district: text,
  channel: text,
  team: text,
  rating: number.nullable(),
  language: text,
  comment: text,
  themes: z.array(text),
})
const commentList = defineQuery(
  'comment_list',
  commentListSql,
  z.object({ ...flow, theme: text, after_key: number, after_place: text, limit: number }),
  commentRow.extend({ key: number, place: text }),
)

/** The smallest number of comments that is told. */
const fewestComments = 10

const hidden = (stat: Stat): Stat =>
  stat.n >= fewestComments
    ? stat
    : { ...stat, value: null, n: 0, numerator: null, denominator: null, interval: null, status: 'hidden' }

/** What comments are about: how many a theme has, and of those with a rating the share satisfied. No words. */
export const themesOf = (db: Db, filters: Filters) =>
  answering(db, filters, async (reading) => {
    const { period, held, jurisdiction } = reading
    const found = await themeCounts(db, {
      ...segmentParams(filters),
      ...period,
      zone: jurisdiction.time_zone,
    })
    const counts = new Map(found.map((row) => [row.theme, row]))
    const all = counts.get('all')?.comments ?? 0
    const context = {
      complete: completeness(period, coverageOf(reading, 'outcomes')),
      as_of: held?.as_of ?? null,
      collected: true,
    }
    const figuresOf = (theme: string) => {
      const { comments = 0, rated = 0, satisfied = 0 } = counts.get(theme) ?? {}
      const isTold = comments >= fewestComments
      const share = statOf('response_rate', { counts: { answered: comments, offered: all } }, context)
      return {
        comments: isTold ? comments : null,
        share: { ...hidden(isTold ? share : { ...share, n: 0 }), definition: 'theme_share@1' },
        satisfied: hidden(statOf('satisfied_share', { counts: { rated, satisfied } }, context)),
      }
    }
    return {
      ...reading.head,
      ...figuresOf('all'),
      without_theme: figuresOf('none').comments,
      fewest: fewestComments,
      themes: themeIds
        .map((theme) => ({ theme, label: themes[theme], ...figuresOf(theme) }))
        .sort((a, b) => (b.comments ?? 0) - (a.comments ?? 0)),
    }
  })

/** Where a page of comments ended. */
export type CommentCursor = { after_key: number; after_place: string }
const cursorParts = z.tuple([z.int(), text.regex(/^\d{1,20}$/)])

/** The place a cursor stands for; null when it is none. */
export function readCommentCursor(cursor: string): CommentCursor | null {
  try {
    const read = cursorParts.safeParse(JSON.parse(Buffer.from(cursor, 'base64url').toString()))
    return read.success ? { after_key: read.data[0], after_place: read.data[1] } : null
  } catch {
    return null
  }
}

/** Who reads comments, and what for. */
export type CommentReader = { reader: string; key_id: string; purpose: string; request_id: string }
export type CommentChoice = { theme: string; limit: number; after?: CommentCursor | undefined }

/** One page of comments, the newest first. That they are read is on disk before they are given. */
export async function readComments(
  db: Db,
  filters: Filters,
  { theme, limit, after = { after_key: 0, after_place: '' } }: CommentChoice,
  by: CommentReader,
) {
  const answer = await answering(db, filters, async (reading) => {
    const asked = { ...segmentParams(filters), ...reading.period, zone: reading.jurisdiction.time_zone }
    // one more than wanted tells whether there is a next page
    const rows = await commentList(db, { ...asked, theme, ...after, limit: limit + 1 })
    const last = rows.length > limit ? rows[limit - 1] : undefined
    return {
      ...reading.head,
      comments: rows.slice(0, limit).map((row) => commentRow.parse(row)),
      next_cursor: last ? Buffer.from(JSON.stringify([last.key, last.place])).toString('base64url') : null,
    }
  })
  await wholeOf(db).insert({
    table: 'comment_readings',
    values: [{ ...by, filters: JSON.stringify({ ...filters, theme }), comments: answer.comments.length }],
    format: 'JSONEachRow',
    clickhouse_settings: { async_insert: 0 },
  })
  return answer
}
