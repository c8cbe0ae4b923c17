import { Route, Router } from '@solidjs/router'
import { QueryClient, QueryClientProvider } from '@tanstack/solid-query'
import { lazy } from 'solid-js'
import { render } from 'solid-js/web'
import { ApiError } from './api.ts'
import { Shell } from './components/Shell.tsx'
import Overview from './pages/Overview.tsx'
import './styles.css'

const client = new QueryClient({
  defaultOptions: {
    queries: {
      staleTime: 30_000,
      // A wrong question stays wrong; a server that is busy or away may answer the second time.
      retry: (count, error) =>
        count < 1 && !(error instanceof ApiError && error.status >= 400 && error.status < 500),
    },
  },
})

const app = document.getElementById('app')
if (app)
  render(
    () => (
      <QueryClientProvider client={client}>
        <Router root={Shell}>
          <Route path="/" component={Overview} />
          <Route path="/services" component={lazy(() => import('./pages/Services.tsx'))} />
          <Route path="/services/:id" component={lazy(() => import('./pages/Service.tsx'))} />
          <Route path="/bottlenecks" component={lazy(() => import('./pages/Bottlenecks.tsx'))} />
          <Route path="/stages/:stage" component={lazy(() => import('./pages/Stage.tsx'))} />
          <Route path="/cases" component={lazy(() => import('./pages/Cases.tsx'))} />
          <Route path="/satisfaction" component={lazy(() => import('./pages/Satisfaction.tsx'))} />
          <Route path="/fairness" component={lazy(() => import('./pages/Fairness.tsx'))} />
          <Route path="/data" component={lazy(() => import('./pages/Data.tsx'))} />
          <Route path="/reports" component={lazy(() => import('./pages/Reports.tsx'))} />
          <Route path="/releases" component={lazy(() => import('./pages/Releases.tsx'))} />
          <Route path="/audit" component={lazy(() => import('./pages/Audit.tsx'))} />
          <Route path="/glossary" component={lazy(() => import('./pages/Glossary.tsx'))} />
          <Route path="*" component={lazy(() => import('./pages/NotFound.tsx'))} />
        </Router>
      </QueryClientProvider>
    ),
    app,
  )
