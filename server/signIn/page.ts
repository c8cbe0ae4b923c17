import { html } from 'hono/html'
import formCss from '../feedback/form.css?raw'
import plainCss from '../plain.css?raw'
import ownCss from './page.css?raw'

type Html = ReturnType<typeof html>

/** The style of all pages here. */
export const css = `${plainCss}${formCss}${ownCss}`

/** Plain pages that need no script. Everything that comes from elsewhere goes through `html`, which escapes it. */
const page = (title: string, content: Html): Html => html`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="robots" content="noindex">
<title>${title} · Clearway</title>
<link rel="stylesheet" href="/sign-in/page.css">
</head>
<body><main><p class="brand">Clearway</p><h1>${title}</h1>${content}</main></body>
</html>`

const action = (href: string, label: string): Html =>
  html`<p><a class="action" href="${href}">${label}</a></p>`

const withReturn = (href: string, to: string): string =>
  to === '/' ? href : `${href}?to=${encodeURIComponent(to)}`

type Choice = { providers: readonly { id: string; name: string }[]; to: string; ended: boolean }

/** Who one can sign in with. `ended`: there was a session, and it is over. */
export const choicePage = ({ providers, to, ended }: Choice): Html =>
  page(
    'Sign in',
    html`${ended ? html`<p class="summary" role="status">Your session has ended. Sign in again to go on where you were.</p>` : ''}
${
  providers.length === 0
    ? html`<p>Nobody has to sign in on this machine. Who administers it can: <code>clearway sign-in link</code> prints a link that works once.</p>
${action(to, 'Go to Clearway')}`
    : html`<p>You sign in with an account you have already. Clearway never sees its password.</p>
<ul class="providers">${providers.map(
        ({ id, name }) =>
          html`<li><a class="action" href="${withReturn(`/sign-in/${id}`, to)}">Sign in with ${name}</a></li>`,
      )}</ul>`
}
<p class="hint">What was published for everybody needs no sign-in: <a href="/public/">public pages</a>.</p>`,
  )

/** How a sign-in can fail. */
export const failures = {
  away: {
    status: 503,
    title: 'Sign-in is not possible just now',
    text: 'The service you sign in with does not answer. Nothing is lost: try again in a minute.',
  },
  stale: {
    status: 400,
    title: 'This sign-in is over',
    text: 'It was begun more than ten minutes ago or in another window, or it was finished already. Begin again.',
  },
  denied: {
    status: 403,
    title: 'You are not signed in',
    text: 'The service you sign in with did not say who you are. Begin again, and agree there to tell Clearway.',
  },
  invalid: {
    status: 403,
    title: 'You are not signed in',
    text: 'The answer of the service you sign in with did not pass our checks. Begin again; if it happens again, tell who runs Clearway here.',
  },
  unknown: {
    status: 404,
    title: 'There is no such sign-in',
    text: 'Nobody can sign in at this address. Choose one that there is.',
  },
  used: {
    status: 410,
    title: 'This link opens nothing any more',
    text: 'Such a link works once, and for 24 hours. On the machine Clearway runs on "clearway sign-in link" prints a new one.',
  },
  elsewhere: {
    status: 403,
    title: 'This link works on the machine itself only',
    text: 'Open it in a browser on the machine Clearway runs on, at http://localhost.',
  },
} as const

export type Failure = keyof typeof failures

export function failurePage(failure: Failure): Html {
  const { title, text } = failures[failure]
  return page(title, html`<p>${text}</p>${action('/sign-in', 'Sign in')}`)
}

/** Somebody is known, and none of their groups means anything here. */
export const noRightsPage = (
  provider: string,
  name: string,
  groups: readonly string[],
  leave: string | undefined,
): Html =>
  page(
    'Your account has no rights here',
    html`<p>${provider} knows you as ${name}. None of your groups gives you a role in Clearway.</p>
<p>Ask who runs Clearway here to add one of your groups${groups.length > 0 ? `: ${groups.slice(0, 50).join(', ')}` : '; your account names none'}.</p>
${leave ? action(leave, 'Use another account') : action('/sign-in', 'Sign in with another account')}`,
  )

/** `leave`: where to sign out of the account too. */
export const signedOutPage = (leave: string | undefined): Html =>
  page(
    'You are signed out',
    html`${
      leave
        ? html`<p>On this device you are still signed in with the account you used. On a device that others use, end that too.</p>${action(leave, 'Sign out there too')}`
        : html`<p>Nobody can go on in your name in this browser.</p>${action('/sign-in', 'Sign in again')}`
    }`,
  )

/** Asks before it does it: an address alone signs nobody out. */
export const askSignOutPage = (name: string): Html =>
  page(
    'Sign out?',
    html`<p>You are signed in as ${name}.</p>
<form method="post" action="/sign-out"><p><button type="submit">Sign out</button></p></form>`,
  )
