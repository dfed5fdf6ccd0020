import type { Client } from './create-client.js'
import { ClientError } from './errors.js'
import { isReadOnce } from './fetch/read-once.js'

/** What of an axios instance this works with, so that every version 1 fits: its own types say the rest. */
export interface AxiosLike {
  readonly interceptors: { readonly request: AxiosInterceptors; readonly response: AxiosInterceptors }
  readonly request: (config: never) => Promise<unknown>
  readonly getUri: (config: never) => string
}

export interface AxiosInterceptors {
  readonly use: (...handlers: never[]) => number
  readonly eject: (id: number) => void
}

interface Interceptors {
  use(onFulfilled: unknown, onRejected?: unknown): number
  eject(id: number): void
}

interface Headers {
  has(name: string): boolean
  set(name: string, value: string): unknown
  delete(name: string): unknown
}

interface RequestConfig {
  url?: string
  baseURL?: string
  allowAbsoluteUrls?: boolean
  data?: unknown
  headers: Headers
  transformRequest?: unknown
  /** The token that this request was sent with. A string key: axios copies no symbols. */
  ratchetToken?: string
  /** The token that an API has refused this request with. */
  ratchetRejected?: string
}

interface Answer {
  readonly status: number
  readonly config?: RequestConfig
}

/**
 * Sends the client's access token with an axios instance's requests, and after a 401 once more with another one, also if
 * `validateStatus` takes a 401 for a success. Any number of instances may share one client: it refreshes once for all of them.
 * A request that has an `Authorization` header of its own, or goes to an origin that may not have the token, is left alone.
 *
 * @returns a function that removes it from the instance
 */
export function attachToAxios(instance: AxiosLike, client: Client): () => void {
  const sendsTokenTo = (config: RequestConfig): boolean => {
    // By axios itself, with which nothing must come from the instance's defaults again.
    const { baseURL = '', allowAbsoluteUrls = true } = config
    return client.sendsTokenTo(instance.getUri({ ...config, baseURL, allowAbsoluteUrls } as never))
  }
  const authorize = async (config: RequestConfig): Promise<RequestConfig> => {
    const { ratchetRejected: rejected } = config
    if ((rejected === undefined && config.headers.has('authorization')) || !sendsTokenTo(config))
      return config
    const token = await client.getAccessToken(rejected === undefined ? {} : { rejected })
    if (token === undefined) return config
    config.headers.set('authorization', `Bearer ${token}`)
    config.ratchetToken = token
    config.transformRequest = [config.transformRequest ?? [], judgeAgain].flat()
    return config
  }
  // After every interceptor: one that was added before this one runs after it, and may have changed the URL.
  function judgeAgain(this: RequestConfig, data: unknown, headers: Headers): unknown {
    if (headers.has('authorization') && !sendsTokenTo(this)) headers.delete('authorization')
    return data
  }
  /** What a second attempt brought; undefined where none is due. */
  const retried = async (
    config: RequestConfig | undefined,
    status: number | undefined,
    cause?: unknown,
  ): Promise<{ readonly response: unknown } | undefined> => {
    const { ratchetToken: sent, ratchetRejected: rejected } = config ?? {}
    // Twice refused: another token would not help.
    if (config === undefined || status !== 401 || sent === undefined || rejected !== undefined)
      return undefined
    const renewed = await client.getAccessToken({ rejected: sent })
    if (renewed === undefined || renewed === sent) return undefined
    if (isReadOnce(config.data)) throw new ClientError('body_not_replayable', readOnceMessage, { cause })
    return { response: await instance.request({ ...config, ratchetRejected: sent } as never) }
  }
  const retryAnswer = async (response: Answer): Promise<unknown> => {
    const second = await retried(response.config, response.status)
    return second === undefined ? response : second.response
  }
  const retryError = async (error: { config?: RequestConfig; response?: Answer }): Promise<unknown> => {
    const second = await retried(error.config, error.response?.status, error)
    if (second === undefined) throw error
    return second.response
  }
  const requests = instance.interceptors.request as Interceptors
  const responses = instance.interceptors.response as Interceptors
  const request = requests.use(authorize)
  const response = responses.use(retryAnswer, retryError)
  return () => {
    requests.eject(request)
    responses.eject(response)
  }
}

const readOnceMessage =
  'The API answered 401 and the token was refreshed; the body is a stream and cannot be sent again: make the request anew.'
