import type { Context } from 'hono'
import { deleteCookie, getCookie, setCookie } from 'hono/cookie'
import type { CookieOptions } from 'hono/utils/cookie'

/** A cookie that only this server reads. Where people come by https no other site of the domain can set it, and it never travels in the clear. */
export class Cookie {
  constructor(
    private readonly name: 'session' | 'pending',
    private readonly address: () => string,
    private readonly maxAge?: number,
  ) {}

  get = (c: Context): string | undefined => getCookie(c, this.#name)

  set(c: Context, value: string): void {
    setCookie(c, this.#name, value, {
      ...this.#options,
      ...(this.maxAge === undefined ? {} : { maxAge: this.maxAge }),
    })
  }

  remove = (c: Context): unknown => deleteCookie(c, this.#name, this.#options)

  get #isSecure(): boolean {
    return this.address().startsWith('https:')
  }

  get #name(): string {
    return `${this.#isSecure ? '__Host-' : ''}clearway-${this.name}`
  }

  get #options(): CookieOptions {
    return { path: '/', httpOnly: true, sameSite: 'Lax', secure: this.#isSecure }
  }
}
