/** What a server answered to one request. */
export interface Answer {
  readonly url: string
  readonly status: number
  readonly headers: Headers
  readonly body: string
  /** The body where it is a JSON object. */
  readonly json: Readonly<Record<string, unknown>> | undefined
}

const TIMEOUT_MS = 10_000

/** One request, without following redirects. Rejects when there is no answer within ten seconds. */
export async function ask(url: string, init: RequestInit = {}): Promise<Answer> {
  const response = await fetch(url, { redirect: 'manual', signal: AbortSignal.timeout(TIMEOUT_MS), ...init })
  const body = await response.text()
  return { url, status: response.status, headers: response.headers, body, json: objectIn(body) }
}

/** A form posted as a client posts it. */
export function post(
  url: string,
  form: Readonly<Record<string, string>>,
  headers: Readonly<Record<string, string>> = {},
): Promise<Answer> {
  return ask(url, { method: 'POST', body: new URLSearchParams(form), headers })
}

function objectIn(text: string): Readonly<Record<string, unknown>> | undefined {
  try {
    const value: unknown = JSON.parse(text)
    return typeof value === 'object' && value !== null && !Array.isArray(value)
      ? (value as Readonly<Record<string, unknown>>)
      : undefined
  } catch {
    return undefined
  }
}
