import { createHash, timingSafeEqual } from 'node:crypto'
import type { Events } from '../events.js'
import { OAuthError } from '../faults/errors.js'
import { isQuotable } from '../faults/quotable.js'
import { header } from '../http/message.js'
import type { EndpointRequest } from '../http/message.js'
import { decodeComponent } from '../http/parameters.js'
import type { Parameters } from '../http/parameters.js'
import type { Settings } from '../options/settings.js'
import { Throttle, throttleKey } from '../throttle.js'
import { hasSecret } from './client.js'
import type { Client } from './client.js'
import type { ClientDirectory } from './directory.js'

/** The methods that this server takes, in the names of RFC 7591. */
export const clientAuthenticationMethods = ['client_secret_basic', 'client_secret_post', 'none'] as const

/** What a request presents: at most one method (RFC 6749 §2.3). */
interface Presented {
  readonly method: 'basic' | 'post' | 'none'
  readonly clientId: string
  readonly secret: string | undefined
}

/**
 * Client authentication at the back-channel endpoints.
 *
 * A wrong secret, an unknown client and a secret sent for a public client get one answer. It is a 401 with a
 * `Basic` challenge if the request used `Authorization`, else a 400, since a challenge makes browsers ask their
 * user for a password and hides the error from fetch-based clients (RFC 6749 §5.2 allows both).
 */
export class ClientAuthentication {
  readonly #directory: ClientDirectory
  readonly #events: Events
  readonly #settings: Settings
  readonly #throttle: Throttle | undefined

  constructor(directory: ClientDirectory, events: Events, settings: Settings) {
    this.#directory = directory
    this.#events = events
    this.#settings = settings
    this.#throttle = settings.throttle && new Throttle({ ...settings.throttle, now: settings.now })
  }

  /**
   * The client that a request is from; a public one by its `client_id` alone.
   *
   * @throws OAuthError `invalid_request` for two methods or none, `invalid_client`, or 429 after many failures
   */
  async authenticate(request: EndpointRequest, parameters: Parameters): Promise<Client> {
    const presented = this.#read(request, parameters)
    const client = await this.#directory.find(presented.clientId)
    if (client !== undefined && client.authMethod === 'none' && presented.secret === undefined) return client

    const key = throttleKey(presented.clientId, request.remoteAddress)
    // The right secret passes whatever others tried: 256 random bits are not found by guessing. A weak one is
    // guarded by the throttle instead, before it is compared.
    const guessable = client === undefined || client.secrets.some((secret) => secret.weak)
    const blocked = guessable && this.#throttle?.isOver(key) === true
    if (!blocked && this.#secretFits(client, presented.secret)) return client as Client
    this.#refuse(presented, key, client, request.remoteAddress)
  }

  /** Reads what is presented, without judging it. */
  #read(request: EndpointRequest, parameters: Parameters): Presented {
    const authorization = header(request, 'authorization')
    const inBody = parameters.get('client_id')
    const secretInBody = parameters.get('client_secret')
    if (parameters.has('client_assertion') || parameters.has('client_assertion_type')) {
      throw new OAuthError('invalid_client', 'Client assertions are not supported.')
    }
    if (authorization !== undefined && /^basic(\s|$)/i.test(authorization)) {
      if (secretInBody !== undefined) {
        throw new OAuthError('invalid_request', 'Use one client authentication method, not two.')
      }
      const basic = readBasic(authorization)
      if (basic === undefined)
        throw this.#basicError('The Authorization header is no valid Basic credential.')
      if (inBody !== undefined && inBody !== basic.clientId) {
        throw new OAuthError('invalid_request', 'client_id differs from the one in the Authorization header.')
      }
      return { method: 'basic', ...basic }
    }
    if (inBody === undefined) {
      if (authorization !== undefined) throw this.#basicError('This authentication scheme is not supported.')
      throw new OAuthError('invalid_request', 'client_id is missing.')
    }
    return { method: secretInBody === undefined ? 'none' : 'post', clientId: inBody, secret: secretInBody }
  }

  // Hashes and compares also where there is nothing to compare with, so that time tells no more than the answer.
  #secretFits(client: Client | undefined, secret: string | undefined): boolean {
    if (secret === undefined) return false
    if (client === undefined || client.secrets.length === 0) {
      timingSafeEqual(createHash('sha256').update(secret).digest(), absentSecret)
      return false
    }
    return hasSecret(client, secret, this.#settings.now())
  }

  #refuse(
    presented: Presented,
    key: string,
    client: Client | undefined,
    remoteAddress: string | undefined,
  ): never {
    // Leaving the secret out guesses nothing.
    const throttled = presented.secret !== undefined && this.#throttle?.fail(key) === true
    this.#events.emit('client.authentication_failed', {
      // What nobody has as a client_id may be a secret in the wrong place.
      ...((client !== undefined || isQuotable(presented.clientId)) && { clientId: presented.clientId }),
      reason: reasonOf(client, presented),
      ...(remoteAddress !== undefined && { remoteAddress }),
      throttled,
    })
    if (throttled && this.#throttle !== undefined) throw this.#throttle.error(key)
    throw presented.method === 'basic'
      ? this.#basicError('Client authentication failed.')
      : new OAuthError('invalid_client', 'Client authentication failed.')
  }

  #basicError(description: string): OAuthError {
    return new OAuthError('invalid_client', description, {
      status: 401,
      headers: { 'www-authenticate': basicChallenge(this.#settings.issuer) },
    })
  }
}

/** The challenge of RFC 7617, which RFC 6749 §5.2 asks for. */
export function basicChallenge(issuer: string): string {
  return `Basic realm="${issuer}", charset="UTF-8"`
}

const absentSecret = Buffer.alloc(32)

/** Credentials of RFC 6749 §2.3.1: base64, split at the first colon, each half form-decoded. */
function readBasic(authorization: string): { clientId: string; secret: string | undefined } | undefined {
  const encoded = /^basic +([A-Za-z0-9+/]+={0,2})$/i.exec(authorization.trim())?.[1]
  if (encoded === undefined) return undefined
  try {
    const text = new TextDecoder('utf-8', { fatal: true }).decode(Buffer.from(encoded, 'base64'))
    const colon = text.indexOf(':')
    if (colon < 0) return undefined
    const clientId = decodeComponent(text.slice(0, colon))
    const secret = decodeComponent(text.slice(colon + 1))
    return clientId === '' ? undefined : { clientId, secret: secret === '' ? undefined : secret }
  } catch {
    return undefined
  }
}

function reasonOf(client: Client | undefined, presented: Presented): string {
  if (client === undefined) return 'unknown or disabled client'
  if (presented.secret === undefined) return 'no secret'
  return client.authMethod === 'none' ? 'a secret for a public client' : 'wrong secret'
}
