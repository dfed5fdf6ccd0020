import type { Client } from './create-client.js'
import { ClientError } from './errors.js'
import { isReadOnce } from './fetch/read-once.js'

/** What of an axios instance this works with, so that every version 1 fits: its own types say the rest. */
export interface AxiosLike {
  readonly interceptors: { readonly request: AxiosInterceptors; readonly response: AxiosInterceptors }
  readonly request: (config: never) => Promise<unknown>
}

export interface AxiosInterceptors {
  readonly use: (...handlers: never[]) => number
  readonly eject: (id: number) => void
}

interface Interceptors {
  use(onFulfilled: unknown, onRejected?: unknown): number
  eject(id: number): void
}

interface RequestConfig {
  url?: string
  baseURL?: string
  data?: unknown
  headers: { has(name: string): boolean; set(name: string, value: string): unknown }
  /** The token that this request was sent with. A string key: axios copies no symbols. */
  ratchetToken?: string
  /** The token that an API has refused this request with. */
  ratchetRejected?: string
}

/**
 * Sends the client's access token with an axios instance's requests, and after a 401 once more with another one. Any number
 * of instances may share one client: it refreshes once for all of them. A request that has an `Authorization` header of its
 * own, or goes to an origin that may not have the token, is left alone.
 *
 * @returns a function that takes it off again
 */
export function attachToAxios(instance: AxiosLike, client: Client): () => void {
  const authorize = async (config: RequestConfig): Promise<RequestConfig> => {
    const { ratchetRejected: rejected } = config
    if (
      (rejected === undefined && config.headers.has('authorization')) ||
      !client.sendsTokenTo(urlOf(config))
    )
      return config
    const token = await client.getAccessToken(rejected === undefined ? {} : { rejected })
    if (token === undefined) return config
    config.headers.set('authorization', `Bearer ${token}`)
    config.ratchetToken = token
    return config
  }
  const retry = async (error: unknown): Promise<unknown> => {
    const { config, response } = error as { config?: RequestConfig; response?: { status: number } }
    const { ratchetToken: sent, ratchetRejected: rejected } = config ?? {}
    // Twice refused: another token would not help.
    if (config === undefined || response?.status !== 401 || sent === undefined || rejected !== undefined)
      throw error
    const renewed = await client.getAccessToken({ rejected: sent })
    if (renewed === undefined || renewed === sent) throw error
    if (isReadOnce(config.data))
      throw new ClientError('body_not_replayable', readOnceMessage, { cause: error })
    return instance.request({ ...config, ratchetRejected: sent } as never)
  }
  const requests = instance.interceptors.request as Interceptors
  const responses = instance.interceptors.response as Interceptors
  const request = requests.use(authorize)
  const response = responses.use(null, retry)
  return () => {
    requests.eject(request)
    responses.eject(response)
  }
}

const readOnceMessage =
  'The API answered 401 and the token was refreshed; the body is a stream and cannot be sent again: make the request anew.'

function urlOf({ url = '', baseURL }: RequestConfig): string {
  const base = globalThis.location?.href
  if (URL.canParse(url) || baseURL === undefined) return url
  // As axios joins them: not as a relative reference, which would drop the path.
  return new URL(`${baseURL.replace(/\/?$/, '')}/${url.replace(/^\/+/, '')}`, base).href
}
