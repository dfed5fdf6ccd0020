/** A request as an endpoint sees it: no framework's, and no more than an endpoint needs. */
export interface EndpointRequest {
  readonly method: string
  /** Names in lower case, as Node gives them. */
  readonly headers: Readonly<Record<string, string | string[] | undefined>>
  /** The raw query string, without the question mark. */
  readonly query: string
  /**
   * The body: its bytes as they came, or what a body parser of the app's has already made of them. Undefined when
   * there is none.
   */
  readonly body?: Uint8Array | object | undefined
  /** The client's address, for throttling and events. */
  readonly remoteAddress?: string | undefined
  /** The app's own id of the request, for its events. Left out: one is made up. */
  readonly requestId?: string | undefined
}

/** What an endpoint answers. Header names are in lower case. */
export interface EndpointResponse {
  readonly status: number
  readonly headers: Readonly<Record<string, string>>
  readonly body: string
}

/** A single header; undefined when absent. Of a repeated one the first counts. */
export function header(request: Pick<EndpointRequest, 'headers'>, name: string): string | undefined {
  const value = request.headers[name]
  return Array.isArray(value) ? value[0] : value
}

/** A JSON answer that no cache may keep (RFC 6749 §5.1; `Pragma` for HTTP/1.0 caches, which it names). */
export function json(
  status: number,
  body: unknown,
  headers?: Readonly<Record<string, string>>,
): EndpointResponse {
  return writtenJson(status, JSON.stringify(body), headers && { ...headersOfJson(), ...headers })
}

/** The same for what is JSON already. */
export function writtenJson(
  status: number,
  body: string,
  headers: Readonly<Record<string, string>> = headersOfJson(),
): EndpointResponse {
  return { status, headers, body }
}

// New ones for each answer: an app that puts the endpoints behind a framework of its own may add to them, a cookie say.
function headersOfJson(): Record<string, string> {
  return {
    'content-type': 'application/json',
    'cache-control': 'no-store',
    pragma: 'no-cache',
    'x-content-type-options': 'nosniff',
  }
}
