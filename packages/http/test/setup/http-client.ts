/** A response with its body as text and, where it is JSON, as an object. */
export async function answerOf(response: Response) {
  const text = await response.text()
  const isJson = response.headers.get('content-type')?.startsWith('application/json') === true
  const body = (isJson ? JSON.parse(text) : {}) as Record<string, unknown>
  return { status: response.status, headers: response.headers, text, body }
}

export async function postForm(
  url: string,
  fields: Readonly<Record<string, string>>,
  headers: Readonly<Record<string, string>> = {},
) {
  const body = new URLSearchParams(fields)
  return answerOf(await fetch(url, { method: 'POST', body, headers, redirect: 'manual' }))
}

/** A browser of one site: keeps cookies, and follows no redirect by itself. */
export class Browser {
  readonly #cookies = new Map<string, string>()
  readonly #url: string

  constructor(url: string) {
    this.#url = url
  }

  async get(path: string) {
    return this.#take(
      await fetch(new URL(path, this.#url), { headers: { cookie: this.#cookie }, redirect: 'manual' }),
    )
  }

  async post(path: string, fields: Readonly<Record<string, string>>) {
    return this.#take(
      await fetch(new URL(path, this.#url), {
        method: 'POST',
        body: new URLSearchParams(fields),
        headers: { cookie: this.#cookie },
        redirect: 'manual',
      }),
    )
  }

  get #cookie(): string {
    return [...this.#cookies].map((pair) => pair.join('=')).join('; ')
  }

  #take(response: Response) {
    for (const header of response.headers.getSetCookie()) {
      const [, name = '', value = ''] = /^([^=]+)=([^;]*)/.exec(header) ?? []
      this.#cookies.set(name, value)
    }
    return answerOf(response)
  }
}
