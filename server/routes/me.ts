import { createRoute } from '@hono/zod-openapi'
import { rowsFor } from '../access/who.ts'
import { meAnswer } from '../answers.ts'
import { json, problems } from '../openapi.ts'
import { noQuery, routes } from '../valid.ts'

const readMe = createRoute({
  method: 'get',
  tags: ['Access'],
  path: '/',
  summary: 'Who asks, what they may do, and how people sign in here',
  request: { query: noQuery },
  responses: { 200: json(meAnswer, 'Who asks'), ...problems },
})

export const meRoutes = routes().openapi(readMe, (c) => {
  const { who, signIn } = c.var
  const answer = {
    kind: who.kind,
    name: who.name,
    roles: [...new Set(who.grants.map(({ role }) => role))],
    scopes: [...new Set(who.grants.flatMap(({ may }) => may))],
    rows: rowsFor(who, 'figures').map(({ department, service, district }) => ({
      department: [...department],
      service: [...service],
      district: [...district],
    })),
    providers: [...(signIn?.providers.values() ?? [])].map(({ id, name }) => ({ id, name })),
  }
  c.header('Cache-Control', 'no-store')
  return c.json(answer, 200)
})
