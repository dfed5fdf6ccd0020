/** How a request to the token or revocation endpoint ended. */
export type Answer =
  /** The body is undefined where it is no JSON. */
  | { readonly kind: 'success'; readonly body: unknown; readonly serverTime: number | undefined }
  /** A standard error of the server's: it has looked at the request and refused it (RFC 6749 §5.2). */
  | { readonly kind: 'error'; readonly error: string }
  /** No answer, an answer of something between, or one that asks to come again. Whether the request had an effect is unknown. */
  | {
      readonly kind: 'transient'
      readonly retryAfterMs?: number | undefined
      readonly cause: unknown
      /** A success whose body broke off: its headers have come, and a cookie that they set is kept. */
      readonly brokeOff?: boolean
    }

/**
 * Posts a form and says how it ended. Never rejects.
 *
 * @param form members that are undefined or empty are left out
 * @param withCookie sends, and takes, the refresh token's cookie
 */
export async function postForm(
  fetcher: typeof fetch,
  url: string,
  form: Readonly<Record<string, string | undefined>>,
  idempotencyKey: string | undefined,
  withCookie: boolean,
  timeoutMs: number,
): Promise<Answer> {
  const controller = new AbortController()
  const timer = setTimeout(() => controller.abort(), timeoutMs)
  // Not by URLSearchParams, of which React Native has only a part.
  let body = ''
  for (const name in form) if (form[name]) body += `&${name}=${encodeURIComponent(form[name])}`
  try {
    const response = await fetcher(url, {
      method: 'POST',
      headers: {
        'content-type': 'application/x-www-form-urlencoded',
        ...(idempotencyKey !== undefined && { 'idempotency-key': idempotencyKey }),
      },
      body: body.slice(1),
      credentials: withCookie ? 'include' : 'omit',
      // A token endpoint does not redirect; whoever does must not get the token.
      redirect: 'error',
      signal: controller.signal,
    })
    return await readAnswer(response)
  } catch (cause) {
    return { kind: 'transient', cause }
  } finally {
    clearTimeout(timer)
  }
}

async function readAnswer(response: Response): Promise<Answer> {
  const { status, headers } = response
  const text = await response.text().catch(() => undefined)
  const body: unknown = await Promise.resolve(`${text}`)
    .then(JSON.parse)
    .catch(() => undefined)
  const { error } = Object(body) as { error?: unknown }
  const date = Date.parse(headers.get('date') ?? '')
  // The body of a revocation's success means nothing (RFC 7009 §2.2), but a page of HTML comes from something between.
  if (response.ok && text !== undefined && !/^\s*</.test(text)) {
    return { kind: 'success', body, serverTime: date || undefined }
  }
  if (status >= 400 && status < 500 && status !== 429 && status !== 408 && typeof error === 'string') {
    return { kind: 'error', error }
  }
  return {
    kind: 'transient',
    // As a date it is as good as none: the next attempt comes soon enough.
    retryAfterMs: 1000 * Number(headers.get('retry-after')) || undefined,
    cause: new Error(`The server answered ${status}.`),
    // Not the page of some network's sign-in, which a request does not get past.
    brokeOff: status === 200 && /json/.test(`${headers.get('content-type')}`),
  }
}
