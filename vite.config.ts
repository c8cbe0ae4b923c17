import { createRequire } from 'node:module'
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'
import { getRequestListener } from '@hono/node-server'
import type { Plugin } from 'vite'
import solid from 'vite-plugin-solid'
import { defineConfig } from 'vitest/config'
import { BaseSequencer, type TestSpecification } from 'vitest/node'

const root = import.meta.dirname
const { version } = createRequire(import.meta.url)('./package.json') as { version: string }

/** Writes a .gz beside every text file of the client build, so that the server never compresses the same file twice. */
const precompress = (): Plugin => ({
  name: 'clearway:precompress',
  apply: 'build',
  generateBundle: {
    order: 'post',
    handler(_options, bundle) {
      for (const [fileName, file] of Object.entries(bundle)) {
        if (!/\.(js|css|html|svg)$/.test(fileName)) continue
        const source = gzipSync(file.type === 'chunk' ? file.code : file.source, { level: 9 })
        this.emitFile({ type: 'asset', fileName: `${fileName}.gz`, source })
      }
    },
  },
})

const apiPaths =
  /^\/(api|docs|openapi\.json|healthz|readyz|metrics|status(\.css)?|public|reports\/get|sign-in|sign-out)(\/|$|\?)/

/** Passes the API's paths to the app, loaded through Vite, so that pages and API share one process and reload together. */
const api = (): Plugin => ({
  name: 'clearway:api',
  apply: 'serve',
  configureServer(server) {
    const load = () =>
      server.ssrLoadModule(join(root, 'server/dev.ts')) as Promise<typeof import('./server/dev.ts')>
    const listener = getRequestListener(
      async (request) => {
        const { devApp } = await load()
        return (await devApp()).fetch(request)
      },
      {
        errorHandler: (error) => {
          const reason = error instanceof Error ? (error.stack ?? error.message) : String(error)
          server.config.logger.error(reason)
          return new Response(reason, { status: 500 })
        },
      },
    )
    server.middlewares.use((request, response, next) => {
      if (apiPaths.test(request.url ?? '')) void listener(request, response)
      else next()
    })
    server.httpServer?.once('close', () => void load().then(({ closeDev }) => closeDev()))
  },
})

/** Journeys take longest, so they come first: nothing long is left for the end, when only one core has work. */
class JourneysFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]) {
    const sorted = await super.sort(files)
    const isJourney = ({ project }: TestSpecification) => project.name === 'browser'
    return [...sorted.filter(isJourney), ...sorted.filter((file) => !isJourney(file))]
  }
}

export default defineConfig(({ isSsrBuild, command }) => {
  const define = {
    __CLEARWAY_VERSION__: JSON.stringify(version),
    __CLEARWAY_BUILD__: JSON.stringify(process.env.CLEARWAY_BUILD ?? 'dev'),
  }
  if (process.env.VITEST) {
    return {
      root,
      define,
      test: {
        pool: 'forks',
        maxWorkers: 2,
        sequence: { sequencer: JourneysFirst },
        // what is waited for comes when it comes, however busy the machine
        expect: { poll: { timeout: 20_000 } },
        // the styles of the feedback form, of the status page and of the sign-in are part of them; elsewhere styles are left out
        css: { include: [/(form|page|plain|status)\.css/] },
        projects: [
          {
            extends: true,
            test: {
              name: 'unit',
              environment: 'node',
              include: ['**/*.test.ts'],
              exclude: ['node_modules/**', 'dist/**', 'data/**'],
              globalSetup: ['pipelines/madeOnce.ts'],
              testTimeout: 120_000,
              hookTimeout: 90_000,
            },
          },
          {
            extends: true,
            test: {
              name: 'browser',
              environment: 'node',
              include: ['client/e2e/*.e2e.ts'],
              globalSetup: ['server/buildOnce.ts', 'pipelines/madeOnce.ts'],
              // a browser that stumbles on a busy machine is asked once more; what fails twice is a fault
              retry: 1,
              testTimeout: 120_000,
              hookTimeout: 600_000,
            },
          },
        ],
      },
    }
  }
  if (isSsrBuild) {
    return {
      root,
      define,
      // public pages: drawn once on the server, nothing wakes up in the browser
      plugins: [solid({ ssr: true, solid: { generate: 'ssr', hydratable: false } })],
      build: {
        outDir: join(root, 'dist/server'),
        emptyOutDir: true,
        target: 'node20',
        minify: false,
        rolldownOptions: {
          checks: { pluginTimings: false },
          input: {
            clearway: join(root, 'server/clearway.ts'),
            'engine-host': join(root, 'sql/engine/host.ts'),
            'release-maker': join(root, 'server/releases/makeApart.ts'),
            postman: join(root, 'server/reports/delivery/postman.ts'),
            'findings-reckoner': join(root, 'sql/findings/reckonApart.ts'),
            'report-maker': join(root, 'server/reports/makeApart.ts'),
            bench: join(root, 'fixtures/bench/main.ts'),
            pages: join(root, 'client/transparency/pages.tsx'),
          },
          output: { entryFileNames: '[name].js', chunkFileNames: '[name]-[hash].js' },
        },
      },
    }
  }
  return {
    root: join(root, 'client'),
    define,
    plugins: [solid(), ...(command === 'build' ? [precompress()] : [api()])],
    build: {
      outDir: join(root, 'dist/client'),
      emptyOutDir: true,
      target: 'es2023',
      modulePreload: { polyfill: false },
      assetsInlineLimit: 0,
      chunkSizeWarningLimit: 800,
      rolldownOptions: { checks: { pluginTimings: false } },
    },
    server: { port: 5173, fs: { allow: [root] } },
  }
})
