import { z } from '@hono/zod-openapi'
import { commentRow as commentShape } from '../../sql/comments.ts'
import { themeIds } from '../../sql/freeText/languages.ts'
import { figure, head } from './shared.ts'

/** What people wrote, counted by theme and word for word. */

const themeFigures = {
  /** Null when fewer than `fewest`. */
  comments: z.number().nullable(),
  /** Of all comments. */
  share: figure,
  /** Of those with a rating. */
  satisfied: figure,
}

export const themesAnswer = z
  .object({
    ...head,
    ...themeFigures,
    /** Comments in which no word of any theme stands. */
    without_theme: z.number().nullable(),
    fewest: z.number(),
    themes: z.array(z.object({ theme: z.enum(themeIds), label: z.string(), ...themeFigures })),
  })
  .openapi('Themes')

export const commentsAnswer = z
  .object({
    ...head,
    comments: z.array(z.object(commentShape.shape).openapi('Comment')),
    /** Goes into `cursor` for the next page; null on the last one. */
    next_cursor: z.string().nullable(),
  })
  .openapi('Comments')
