import { IssuerError } from './issuer-error.js'

/** Metadata, keys and introspection responses stay far below. */
const mostBytes = 262_144

/** What the requests to the authorization server need. */
export interface RequestContext {
  readonly fetch: typeof fetch
  readonly timeoutMs: number
  /** Hears of each one that fails. */
  readonly report: (error: unknown) => void
}

/**
 * The JSON object that a URL answers with. No redirect is followed: the server asked is the one that was configured. The
 * whole answer has to be there in time.
 *
 * @throws IssuerError for anything else, having reported it
 */
export async function requestJson(
  { fetch, timeoutMs, report }: RequestContext,
  url: string,
  init: RequestInit = {},
): Promise<Readonly<Record<string, unknown>>> {
  try {
    const response = await fetch(url, {
      ...init,
      headers: { accept: 'application/json', ...(init.headers as Record<string, string>) },
      redirect: 'error',
      signal: AbortSignal.timeout(timeoutMs),
    })
    if (response.status !== 200) {
      await response.body?.cancel()
      throw new IssuerError(`${url} answered ${response.status}.`, { retryAfter: retryAfterOf(response) })
    }
    return objectOf(url, await textOf(url, response))
  } catch (cause) {
    const error = cause instanceof IssuerError ? cause : new IssuerError(`${url} did not answer.`, { cause })
    report(error)
    throw error
  }
}

async function textOf(url: string, response: Response): Promise<string> {
  const chunks: Uint8Array[] = []
  let size = 0
  for await (const chunk of response.body ?? []) {
    size += (chunk as Uint8Array).length
    if (size > mostBytes) throw new IssuerError(`${url} answered with more than ${mostBytes} bytes.`)
    chunks.push(chunk as Uint8Array)
  }
  return Buffer.concat(chunks).toString()
}

function objectOf(url: string, text: string): Readonly<Record<string, unknown>> {
  try {
    const value = JSON.parse(text) as unknown
    if (typeof value === 'object' && value !== null && !Array.isArray(value)) return { ...value }
  } catch {
    // As JSON that is no object.
  }
  throw new IssuerError(`${url} answered with what is no JSON object.`)
}

function retryAfterOf(response: Response): number | undefined {
  const seconds = Number(response.headers.get('retry-after') ?? Number.NaN)
  return Number.isInteger(seconds) && seconds > 0 ? Math.min(seconds, 60) : undefined
}
