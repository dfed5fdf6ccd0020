import { readToken } from './token-reading.js'
import type { TokenReading } from './token-reading.js'

/** What became of a request to the token endpoint. */
export interface Exchange {
  readonly spent: TokenReading
  /** `lost`: the server has answered, and the page did not get the answer. */
  readonly outcome: 'answered' | 'lost' | 'refused'
  readonly expiresInMs: number
}

/** The network between the page and the server, which can be made bad. */
export interface DemoNetwork {
  readonly fetch: typeof fetch
  /** As if the cable were out: no request leaves the page. */
  offline: boolean
  /** The next answer to a refresh is thrown away. The server has got the request by then. */
  loseNextAnswer: boolean
}

/**
 * A `fetch` that watches the token endpoint.
 *
 * @param onExchange called before the page has the answer
 */
export function demoNetwork(onExchange: (exchange: Exchange) => void): DemoNetwork {
  const network: DemoNetwork = {
    offline: false,
    loseNextAnswer: false,
    async fetch(input, init) {
      if (network.offline) throw new TypeError('Offline: the request did not leave the page.')
      const response = await fetch(input, init)
      const sent = tokenIn(init?.body)
      const spent = sent === undefined ? undefined : readToken(sent)
      if (spent === undefined) return response
      const body: unknown = await response.clone().json()
      const { expires_in: seconds = 0, error } = body as { expires_in?: number; error?: string }
      const expiresInMs = seconds * 1000
      if (response.ok && network.loseNextAnswer && spent.generation > 0) {
        network.loseNextAnswer = false
        onExchange({ spent, outcome: 'lost', expiresInMs })
        throw new TypeError('The answer was lost.')
      }
      if (response.ok) onExchange({ spent, outcome: 'answered', expiresInMs })
      else if (error === 'invalid_grant') onExchange({ spent, outcome: 'refused', expiresInMs })
      return response
    },
  }
  return network
}

/** The code or refresh token that a form of the token endpoint carries; a revocation has no `grant_type`. */
function tokenIn(body: unknown): string | undefined {
  if (typeof body !== 'string' && !(body instanceof URLSearchParams)) return undefined
  const form = new URLSearchParams(body)
  return form.has('grant_type') ? (form.get('refresh_token') ?? form.get('code') ?? undefined) : undefined
}
