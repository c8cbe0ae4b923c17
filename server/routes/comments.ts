import { createRoute } from '@hono/zod-openapi'
import { readCommentCursor } from '../../sql/comments.ts'
import { commentsAnswer } from '../answers.ts'
import { note } from '../audit/note.ts'
import { ProblemError } from '../errors.ts'
import { json, problem, problems } from '../openapi.ts'
import { commentsQuery, routes } from '../valid.ts'

/** A key, or none on the machine itself. */
const eitherWay: Record<string, string[]>[] = [{ bearer: [] }, {}]

const list = createRoute({
  method: 'get',
  tags: ['Comments'],
  path: '/',
  summary: 'What people wrote, the newest first, without names, addresses and numbers',
  description:
    'Answers on the machine itself, or with a key that has the scope comments. Every reading is written down: who, when, what for, with which filters, how many.',
  security: eitherWay,
  request: { query: commentsQuery },
  responses: {
    200: json(commentsAnswer, 'The comments'),
    ...problems,
    401: problem('A key that is not known here'),
    403: problem('Neither on the machine itself nor with a key that has the scope comments'),
  },
})

export const commentRoutes = routes().openapi(list, async (c) => {
  const { purpose, theme = '', cursor, limit, ...query } = c.req.valid('query')
  const after = cursor === undefined ? undefined : readCommentCursor(cursor)
  if (after === null)
    throw new ProblemError(422, {
      kind: 'invalid-parameter',
      detail: '"cursor" must be the next_cursor of an answer, unchanged.',
    })
  const { who } = c.var
  const by = {
    ...(who.kind === 'machine' ? { reader: '', key_id: '' } : { reader: who.name, key_id: who.id }),
    ...{ purpose, request_id: c.var.requestId },
  }
  const data = await c.var.data()
  const answer = await data.readComments(c.var.db, query, { theme, limit, after }, by)
  const { length } = answer.comments
  // in words of their own it stands with the reading
  await note(c, { deed: 'comments_view', detail: { ...query, theme, comments: length } })
  return c.json(answer, 200)
})
