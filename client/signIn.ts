/** What the server answers to who has to sign in. */
const needed = 'urn:clearway:problem:sign-in'

/** Where a refusal says so, goes to the sign-in; that comes back to where one is now. */
export function leadToSignIn({ type }: { type: string }): void {
  if (type !== needed) return
  location.assign(`/sign-in?to=${encodeURIComponent(location.pathname + location.search)}`)
}
