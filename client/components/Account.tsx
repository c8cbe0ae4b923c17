import { useLocation } from '@solidjs/router'
import { createEffect, createSignal, For, on, Show } from 'solid-js'
import { roleWords } from '../../server/words/roles.ts'
import { type Me, send, useAnswer } from '../api.ts'
import { useMeta } from '../filters.ts'
import './account.css'

/** Who is signed in, as what, and the way out. Nothing is shown where nobody has to sign in. */
export default function Account(props: { open: boolean }) {
  const me = useAnswer<Me>(() => '/api/v1/me')
  const person = () => (me.data()?.kind === 'person' ? me.data() : undefined)
  const partWords = usePartWords()
  const place = useLocation()
  const [problem, setProblem] = createSignal('')
  let details: HTMLDetailsElement | undefined
  const close = () => details?.removeAttribute('open')
  createEffect(on(() => place.pathname, close))
  const signOut = () =>
    send<{ to: string }>('/sign-out').then(
      ({ to }) => location.assign(to),
      (error: Error) => setProblem(error.message),
    )
  return (
    <Show when={person()}>
      {(one) => (
        <details
          class="account"
          classList={{ 'is-open': props.open }}
          ref={details}
          onKeyDown={({ key }) => {
            if (key !== 'Escape') return
            close()
            details?.querySelector('summary')?.focus()
          }}
        >
          <summary>
            <span class="visually-hidden">Signed in as </span>
            {one().name}
          </summary>
          <div class="account-card">
            <ul>
              <For each={one().roles}>
                {(role) => (
                  <li>
                    <strong>{roleWords[role].name}</strong> {roleWords[role].means}
                  </li>
                )}
              </For>
            </ul>
            <Show when={one().roles.length === 0}>
              <p>You have no role here now. Ask who runs Clearway here.</p>
            </Show>
            <Show when={one().rows.length > 0}>
              <p>You see</p>
              <ul>
                <For each={one().rows}>{(part) => <li>{partWords(part)}</li>}</For>
              </ul>
            </Show>
            <button type="button" class="button" onClick={() => void signOut()}>
              Sign out
            </button>
            <Show when={problem()}>
              <p role="alert">You are not signed out. {problem()}</p>
            </Show>
          </div>
        </details>
      )}
    </Show>
  )
}

/** One part of the rows somebody sees, in words. */
function usePartWords() {
  const meta = useMeta()
  const named = (ids: readonly string[], list: 'departments' | 'services' | 'districts') =>
    ids.map((id) => meta()?.[list].find((one) => one.id === id)?.name ?? id).join(', ')
  return ({ department, service, district }: Me['rows'][number]): string =>
    [
      department.length > 0 ? named(department, 'departments') : 'all departments',
      ...(service.length > 0 ? [`only ${named(service, 'services')}`] : []),
      ...(district.length > 0 ? [`only in ${named(district, 'districts')}`] : []),
    ].join(', ')
}
