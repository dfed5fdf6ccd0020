import { ClientError } from '../errors.js'

import type { Session } from '../session/session-options.js'
import { isReadOnce } from './read-once.js'

/**
 * A `fetch` that sends the access token, and after a 401 once more with another one.
 *
 * A request with an `authorization` header of its own, or to an origin that may not have the token, goes out as it is.
 * Redirects are followed as the platform does it: the Fetch standard takes the header off where the origin changes.
 *
 * @throws ClientError `unavailable`, `refused`, `body_not_replayable`, beside what `fetch` throws
 */
export function authorizedFetch(
  session: Pick<Session, 'getAccessToken'>,
  fetcher: typeof fetch,
  sendsTokenTo: (url: string) => boolean,
): typeof fetch {
  return async (input, init) => {
    const request = typeof Request !== 'undefined' && input instanceof Request ? input : undefined
    const url = request?.url ?? `${input as string | URL}`
    const headers = new Headers(init?.headers ?? request?.headers)
    if (headers.has('authorization') || !sendsTokenTo(url)) return fetcher(input, init)

    const signal = init?.signal ?? request?.signal
    const send = (token: string | undefined, from: typeof input): Promise<Response> => {
      if (token !== undefined) headers.set('authorization', `Bearer ${token}`)
      return fetcher(from, { ...init, headers })
    }
    // A refresh is everybody's: the caller stops waiting for it, and it goes on.
    const token = await unlessAborted(session.getAccessToken(), signal)
    const response = await send(token, request?.clone() ?? input)
    if (response.status !== 401 || token === undefined || hasLeftOrigin(response, url)) return response
    const renewed = await unlessAborted(session.getAccessToken(token), signal)
    if (renewed === undefined || renewed === token) return response
    if (isReadOnce(init?.body)) {
      throw new ClientError('body_not_replayable', 'A stream cannot be sent again: make the request anew.')
    }
    void response.body?.cancel()
    return send(renewed, input)
  }
}

/** Sent on to another origin, without the token: its 401 says nothing of it. */
function hasLeftOrigin({ redirected, url }: Response, requested: string): boolean {
  const base = globalThis.location?.href
  return redirected && new URL(url).origin !== new URL(requested, base).origin
}

function unlessAborted<T>(work: Promise<T>, signal: AbortSignal | null | undefined): Promise<T> {
  if (!signal) return work
  return new Promise((resolve, reject) => {
    // Before Chrome 98, and in React Native, there is no reason.
    const abort = (): void => reject(signal.reason ?? Object.assign(Error(), { name: 'AbortError' }))
    if (signal.aborted) abort()
    signal.addEventListener('abort', abort)
    work.then(resolve, reject).finally(() => signal.removeEventListener('abort', abort))
  })
}
