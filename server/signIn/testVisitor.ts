/** For tests: a browser without a screen. It keeps cookies by host, as browsers do, and follows redirects. */
export class Visitor {
  readonly cookies = new Map<string, string>()
  /** Every address it was sent to. */
  readonly visited: string[] = []

  /** The answer at the end of all redirects. */
  async go(address: string | URL, init: RequestInit = {}): Promise<Response> {
    const response = await this.step(address, init)
    const to = response.headers.get('Location')
    return to === null ? response : this.go(new URL(to, address))
  }

  /** One answer, redirect or not. */
  async step(address: string | URL, init: RequestInit = {}): Promise<Response> {
    this.visited.push(String(address))
    const headers = new Headers(init.headers)
    headers.set('Cookie', [...this.cookies].map(([name, value]) => `${name}=${value}`).join('; '))
    const response = await fetch(address, { ...init, headers, redirect: 'manual' })
    for (const cookie of response.headers.getSetCookie()) this.#keep(cookie)
    return response
  }

  /** Another browser with the same cookies, as somebody has who copied them. */
  copy(): Visitor {
    const other = new Visitor()
    for (const [name, value] of this.cookies) other.cookies.set(name, value)
    return other
  }

  #keep(cookie: string): void {
    const [pair = '', ...attributes] = cookie.split(/; */)
    const [name = '', ...value] = pair.split('=')
    const isOver = attributes.some(
      (one) => /^max-age=0$/i.test(one) || (/^expires=/i.test(one) && Date.parse(one.slice(8)) < Date.now()),
    )
    if (isOver) this.cookies.delete(name)
    else this.cookies.set(name, value.join('='))
  }
}
