import { setMaxListeners } from 'node:events'
import { OpenAPIHono } from '@hono/zod-openapi'
import type { Hono } from 'hono'
import { compress } from 'hono/compress'
import { createMiddleware } from 'hono/factory'
import { requestId } from 'hono/request-id'
import { type Logger, pino } from 'pino'
import type { Intake } from '../pipelines/sources/intake.ts'
import { type Audit, openAudit } from '../sql/audit.ts'
import type { Db } from '../sql/db.ts'
import { gate } from './access/gate.ts'
import { Keyring } from './access/keyring.ts'
import { nobody } from './access/who.ts'
import { noteAccess } from './audit/noteAccess.ts'
import { noteLink } from './audit/noteLink.ts'
import { isOnThisMachine, keyOf } from './bearer.ts'
import { believedFor } from './believed.ts'
import { AnswerCache } from './cache.ts'
import type { AppEnv } from './context.ts'
import { dashboard } from './dashboard.ts'
import { type Data, data as storeData } from './data.ts'
import { notFound, onError } from './errors.ts'
import { type FeedbackOptions, feedbackRoutes } from './feedback/routes.ts'
import { secured } from './guard/headers.ts'
import { fromOwnPages } from './guard/ownPages.ts'
import { Proxies } from './guard/proxies.ts'
import { rightSize } from './guard/size.ts'
import { type Rates, tooOften } from './guard/tooOften.ts'
import { inTurn, type TurnLimits, Turns } from './guard/turns.ts'
import { about } from './openapi.ts'
import { publicSite } from './publicSite.ts'
import type { Desk } from './releases/desk.ts'
import { linkRoutes, type ReportLinks } from './reports/linkRoutes.ts'
import type { Reports } from './reports/storeDesk.ts'
import { routeOf } from './routeOf.ts'
import { annotationRoutes } from './routes/annotations.ts'
import { auditRoutes } from './routes/audit.ts'
import { bottleneckRoutes } from './routes/bottlenecks.ts'
import { caseRoutes } from './routes/cases.ts'
import { causesRoutes } from './routes/causes.ts'
import { commentRoutes } from './routes/comments.ts'
import { docsRoutes } from './routes/docs.ts'
import { fairnessRoutes } from './routes/fairness.ts'
import { flowRoutes } from './routes/flow.ts'
import { freshnessRoutes } from './routes/freshness.ts'
import { glossaryRoutes } from './routes/glossary.ts'
import { healthRoutes } from './routes/health.ts'
import { ingestRoutes } from './routes/ingest.ts'
import { kpiRoutes } from './routes/kpis.ts'
import { loadRoutes } from './routes/loads.ts'
import { meRoutes } from './routes/me.ts'
import { metaRoutes } from './routes/meta.ts'
import { outcomeRoutes } from './routes/outcomes.ts'
import { privacyRoutes } from './routes/privacy.ts'
import { processMapRoutes } from './routes/processMap.ts'
import { releaseRoutes } from './routes/releases.ts'
import { reportRoutes } from './routes/reports.ts'
import { reworkRoutes } from './routes/rework.ts'
import { satisfactionRoutes } from './routes/satisfaction.ts'
import { sourceRoutes } from './routes/sources.ts'
import { streamRoutes } from './routes/streams.ts'
import { themeRoutes } from './routes/themes.ts'
import { variantRoutes } from './routes/variants.ts'
import { signInRoutes } from './signIn/routes.ts'
import type { SignIn } from './signIn/signIn.ts'
import { type StatusDesk, statusPages, statusRoutes } from './status/routes.ts'

export type AppOptions = {
  db: Db
  /** Where answers come from; the store's own questions unless a test gives others. */
  data?: () => Promise<Data>
  /** Where deeds are written down; the store's own audit unless a test gives another. */
  audit?: Audit
  log?: Logger
  /** Takes data in; without it nothing can be sent to this server. The caller closes it. */
  intake?: Intake
  /** The feedback form; without it there is none. It needs an intake. */
  feedback?: FeedbackOptions
  /** What steps of releases work with; without it nothing can be released from this server. */
  desk?: Desk
  /** What reports are made, scheduled and sent with; without it there are none. */
  reports?: Reports
  /** What the status page is told from; without it there is none. */
  status?: StatusDesk
  /** Comes to an end when the server is told to stop: then nothing new is begun that would last. */
  stopping?: AbortSignal
  /** The built dashboard; without it only the API answers. */
  clientDir?: string
  /** The public folder; without it nothing is public. */
  publicDir?: string
  /** Reports by signed links; without it there are none. */
  reportLinks?: ReportLinks
  /** Whose word is believed on who asks; proxies on this machine when not given. */
  proxies?: Proxies
  /** How often somebody may ask; the usual rates when not given. */
  rates?: Partial<Rates>
  /** How many questions to the store at once. */
  turns?: Partial<TurnLimits>
  /** How people sign in; without it nobody can. */
  signIn?: SignIn
  /** Counts of other departments below this are not told to those who see only their own. */
  insideThreshold?: number
  /** How long it is believed that data and keys are as they were, in milliseconds. */
  versionAge?: number
}

const routes = () =>
  new OpenAPIHono<AppEnv>()
    .route('/api/v1/me', meRoutes)
    .route('/api/v1/meta', metaRoutes)
    .route('/api/v1/kpis', kpiRoutes)
    .route('/api/v1/process-map', processMapRoutes)
    .route('/api/v1/variants', variantRoutes)
    .route('/api/v1/rework', reworkRoutes)
    .route('/api/v1', bottleneckRoutes)
    .route('/api/v1', flowRoutes)
    .route('/api/v1/causes', causesRoutes)
    .route('/api/v1/outcomes', outcomeRoutes)
    .route('/api/v1/satisfaction', satisfactionRoutes)
    .route('/api/v1/fairness', fairnessRoutes)
    .route('/api/v1/satisfaction/themes', themeRoutes)
    .route('/api/v1/comments', commentRoutes)
    .route('/api/v1/cases', caseRoutes)
    .route('/api/v1/annotations', annotationRoutes)
    .route('/api/v1/audit', auditRoutes)
    .route('/api/v1/releases', releaseRoutes)
    .route('/api/v1/reports', reportRoutes)
    .route('/api/v1/ingest', ingestRoutes)
    .route('/api/v1/loads', loadRoutes)
    .route('/api/v1/sources', sourceRoutes)
    .route('/api/v1/freshness', freshnessRoutes)
    .route('/api/v1/streams', streamRoutes)
    .route('/api/v1/privacy', privacyRoutes)
    .route('/api/v1/glossary', glossaryRoutes)
    .route('/api/v1/status', statusRoutes)
    .route('/', healthRoutes)
/** Every path with its parameters and answers, for `hc<App>()`. @public */
export type App = ReturnType<typeof routes>

/** The whole HTTP surface. `createApp({ db }).request('/api/v1/kpis')` answers without a port. */
export function createApp({
  db,
  data = storeData,
  audit = openAudit(db),
  log = pino({ level: 'silent' }),
  intake,
  feedback,
  desk,
  reports,
  status,
  stopping = new AbortController().signal,
  clientDir,
  publicDir,
  reportLinks,
  proxies = new Proxies(),
  rates,
  turns: turnLimits,
  signIn,
  insideThreshold = 5,
  versionAge = 1000,
}: AppOptions) {
  // everybody who listens to something ends with the server
  setMaxListeners(0, stopping)
  const turns = new Turns(db.kind, turnLimits)
  const answers = new Turns(db.kind, turnLimits)
  const { byAddress, byAsker } = tooOften(rates)
  const cache = new AnswerCache({ isCrowded: () => answers.isCrowded })
  const dataVersion = believedFor(versionAge, async () => (await data()).dataVersion(db))
  const keyring = new Keyring(db, { age: versionAge, log })
  const metrics = once(async () => (await import('./metrics.ts')).createMetrics({ cache, status, intake }))

  const timed = createMiddleware(async (c, next) => {
    const began = performance.now()
    await next()
    status?.watch.observe('/public/*', c.res.status, performance.now() - began)
  })

  const app = new OpenAPIHono<AppEnv>()
  app.onError(onError)
  app.notFound((c) => notFound(c, allowedMethods(app, c.req.path)))
  app.use(secured)
  // before anything that holds the store: what is public is files and nothing else
  if (publicDir) {
    app.use('/public/*', timed)
    app.route('/public', publicSite(publicDir))
  }
  // and before anything that logs addresses: who has the link has the report
  if (reportLinks) app.route('/reports/get', linkRoutes(reportLinks, noteLink(audit, log)))
  app.use(requestId())
  app.use(async (c, next) => {
    c.set('store', db)
    c.set('audit', audit)
    // until the gate finds out
    c.set('who', nobody)
    c.set('keyring', keyring)
    c.set('proxies', proxies)
    c.set('signIn', signIn)
    c.set('data', data)
    c.set('dataVersion', dataVersion)
    c.set('cache', cache)
    c.set('insideThreshold', insideThreshold)
    c.set('intake', intake)
    c.set('desk', desk)
    c.set('reports', reports)
    c.set('status', status)
    c.set('stopping', stopping)
    c.set('log', log)
    const began = performance.now()
    await next()
    const ms = performance.now() - began
    const { method } = c.req
    const route = routeOf(c)
    const code = c.res.status
    log.debug({ request_id: c.var.requestId, method, route, status: code, ms: Math.round(ms) }, 'answered')
    noteAccess(c, code, route)
    void metrics().then(({ observe }) => observe(method, route, code, ms / 1000))
    status?.watch.observe(route, code, ms)
  })
  app.use(fromOwnPages, byAddress, rightSize, compress(), gate(signIn))
  // who asks is known from here on
  app.use(byAsker, inTurn(turns, answers))
  app.route('/', routes())
  app.route('/', statusPages())
  if (signIn) app.route('/', signInRoutes(signIn))
  app.get('/metrics', async (c) => {
    // names of sources and times of backups: told like the status, and to programs with a key
    if (status && !status.public && !isOnThisMachine(c) && !(await keyOf(c))) return notFound(c, [])
    const { text, contentType } = await metrics()
    return c.body(await text(), 200, { 'Content-Type': contentType, 'Cache-Control': 'no-store' })
  })
  if (feedback)
    app.route(
      '/feedback',
      feedbackRoutes(feedback, (result) => void metrics().then((all) => all.feedback(result))),
    )
  app.openAPIRegistry.registerComponent('securitySchemes', 'bearer', { type: 'http', scheme: 'bearer' })
  app.doc31('/openapi.json', about)
  app.route('/docs', docsRoutes)
  if (clientDir) app.route('/', dashboard(clientDir))
  return app
}

/** The methods an address answers, when it answers any. */
const allowedMethods = (app: Hono<AppEnv>, path: string) =>
  ['GET', 'POST', 'PUT', 'PATCH', 'DELETE'].flatMap((method) => {
    const [matches] = app.router.match(method, path)
    const answers = matches.some(([[, route]]) => route.method === method && route.path !== '/*')
    if (!answers) return []
    return method === 'GET' ? ['GET', 'HEAD'] : [method]
  })

/** Runs once; a failure is not kept. */
function once<T>(make: () => Promise<T>): () => Promise<T> {
  let made: Promise<T> | undefined
  return () => {
    made ??= make().catch((error: unknown) => {
      made = undefined
      throw error
    })
    return made
  }
}
