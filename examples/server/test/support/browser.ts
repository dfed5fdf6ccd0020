import { createHash, randomBytes } from 'node:crypto'

/** A headless browser: keeps cookies, fills in forms, and follows redirects only when told to. */
export class Browser {
  readonly #base: string
  readonly #cookies = new Map<string, string>()
  /** Every `Set-Cookie` header seen. */
  readonly setCookies: string[] = []

  constructor(base: string) {
    this.#base = base
  }

  get cookies(): ReadonlyMap<string, string> {
    return this.#cookies
  }

  /** The same cookies in another browser. */
  copy(): Browser {
    const copy = new Browser(this.#base)
    for (const [name, value] of this.#cookies) copy.#cookies.set(name, value)
    return copy
  }

  get(path: string): Promise<Response> {
    return this.#request(path, {})
  }

  post(path: string, fields: Readonly<Record<string, string>>): Promise<Response> {
    return this.#request(path, { method: 'POST', body: new URLSearchParams(fields) })
  }

  /** Fills in the first form of a page and sends it. */
  async submit(page: Response, fields: Readonly<Record<string, string>>): Promise<Response> {
    const form = formOf(await page.text())
    return this.post(form.action, { ...form.fields, ...fields })
  }

  /** Signs in on the page that an answer leads to, and goes back to where that page was asked for. */
  async signIn(toSignIn: Response, username = 'alice', password = 'wonderland'): Promise<Response> {
    const page = await this.get(locationOf(toSignIn))
    return this.submit(page, { username, password })
  }

  /** All of an authorization, with sign-in and consent where they are asked for. Answers where the browser is sent. */
  async authorize(url: string, username = 'alice', password = 'wonderland'): Promise<URL> {
    let answer = await this.get(url)
    if (answer.status === 303 && locationOf(answer).includes('/sign-in?')) {
      answer = await this.signIn(answer, username, password)
      answer = await this.get(locationOf(answer))
    }
    if (answer.status === 200) answer = await this.submit(answer, { decision: 'approve' })
    return new URL(locationOf(answer), this.#base)
  }

  async #request(path: string, init: RequestInit): Promise<Response> {
    const cookie = [...this.#cookies].map(([name, value]) => `${name}=${value}`).join('; ')
    const response = await fetch(new URL(path, this.#base), {
      ...init,
      redirect: 'manual',
      headers: { cookie },
    })
    for (const header of response.headers.getSetCookie()) {
      this.setCookies.push(header)
      const [, name = '', value = ''] = /^([^=]+)=([^;]*)/.exec(header) ?? []
      if (value === '') this.#cookies.delete(name)
      else this.#cookies.set(name, value)
    }
    return response
  }
}

export function locationOf(response: Response): string {
  return response.headers.get('location') ?? ''
}

/** Action and hidden fields of the first form on a page. */
export function formOf(page: string): { action: string; fields: Record<string, string> } {
  const form = /<form[^>]*>[\s\S]*?<\/form>/.exec(page)?.[0] ?? ''
  const inputs = [...form.matchAll(/<input\s[^>]*type="hidden"[^>]*>/g)].map(([input]) => [
    textOf(/name="([^"]*)"/.exec(input)?.[1]),
    textOf(/value="([^"]*)"/.exec(input)?.[1]),
  ])
  return {
    action: textOf(/action="([^"]*)"/.exec(form)?.[1]),
    fields: Object.fromEntries(inputs) as Record<string, string>,
  }
}

const entities: Readonly<Record<string, string>> = {
  '&amp;': '&',
  '&lt;': '<',
  '&gt;': '>',
  '&quot;': '"',
  '&#39;': "'",
}

/** What escaped HTML stands for. */
export function textOf(escaped = ''): string {
  return escaped.replaceAll(/&[\w#]+;/g, (entity) => entities[entity] ?? entity)
}

/** An authorization request of the client `spa`, and what it takes to redeem its code. */
export function authorizationRequest(issuer: string, more: Readonly<Record<string, string>> = {}) {
  const verifier = randomBytes(32).toString('base64url')
  const query = new URLSearchParams({
    response_type: 'code',
    client_id: 'spa',
    redirect_uri: 'http://127.0.0.1:4567/callback',
    scope: 'notes:read notes:write',
    state: 'a b&c',
    code_challenge: createHash('sha256').update(verifier).digest('base64url'),
    code_challenge_method: 'S256',
    ...more,
  })
  return { url: `${issuer}/oauth/authorize?${query.toString()}`, verifier }
}
