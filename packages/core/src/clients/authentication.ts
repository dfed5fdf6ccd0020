import { timingSafeEqual } from 'node:crypto'
import type { Events } from '../events.js'
import { OAuthError } from '../faults/errors.js'
import { isQuotable } from '../faults/quotable.js'
import { header } from '../http/message.js'
import type { EndpointRequest } from '../http/message.js'
import type { Origin } from '../http/origin.js'
import type { Parameters } from '../http/parameters.js'
import type { Settings } from '../options/settings.js'
import { Throttle } from '../throttle.js'
import { readBasic } from './basic-credentials.js'
import { hashSecret, hasSecret } from './client.js'
import type { Client } from './client.js'
import type { ClientDirectory } from './directory.js'

/** The methods that this server takes, in the names of RFC 7591. */
export const clientAuthenticationMethods = ['client_secret_basic', 'client_secret_post', 'none'] as const

/** Which clients an endpoint serves: `confidential` leaves out those that anybody can claim to be. */
export type ServedClients = 'any' | 'confidential'

/** The methods with which a confidential client authenticates. */
export const confidentialAuthenticationMethods = clientAuthenticationMethods.filter((name) => name !== 'none')

/** What a request presents: at most one method (RFC 6749 §2.3). */
interface Presented {
  readonly method: 'basic' | 'post' | 'none'
  readonly clientId: string
  /** The id as it came, where that is another text: taken only if no client has the decoded one. */
  readonly rawClientId?: string
  /** Readings of the one secret that is presented; empty where none is. */
  readonly secrets: readonly string[]
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
   * @param served `confidential`: a public client is refused, whatever it presents, like a wrong secret
   * @throws OAuthError `invalid_request` for two methods or none, `invalid_client`, or 429 after many failures
   */
  async authenticate(
    request: EndpointRequest,
    parameters: Parameters,
    origin: Origin,
    served: ServedClients = 'any',
  ): Promise<Client> {
    const read = this.#read(request, parameters, origin)
    const inBody = parameters.get('client_id')
    // Most clients are configured, and to wait for what is there already takes time on every refresh.
    const found = this.#configured(read, inBody) ?? (await this.#find(read, inBody))
    const notServed = served === 'confidential' && found?.authMethod === 'none'
    const client = notServed ? undefined : found
    if (client !== undefined && client.authMethod === 'none' && read.secrets.length === 0) return client

    // However the id was written, guesses at one client have one count.
    const clientId = found?.id ?? read.clientId
    // The right secret passes whatever others tried: 256 random bits are not found by guessing. A weak one is
    // guarded by the throttle instead, before it is compared.
    const blocked =
      this.#throttle?.isOver(clientId, request.remoteAddress) === true &&
      (client === undefined || client.secrets.some((secret) => secret.weak))
    if (!blocked && this.#secretFits(client, read.secrets)) return client as Client
    const presented = { ...read, clientId }
    const reason = notServed ? 'a public client' : reasonOf(client, presented)
    this.#refuse(presented, found !== undefined, reason, origin)
  }

  /** Reads what is presented, without judging it. */
  #read(request: EndpointRequest, parameters: Parameters, origin: Origin): Presented {
    const authorization = header(request, 'authorization')
    const inBody = parameters.get('client_id')
    const secretInBody = parameters.get('client_secret')
    if (parameters.has('client_assertion') || parameters.has('client_assertion_type')) {
      this.#report('a client assertion', false, origin)
      throw new OAuthError('invalid_client', 'Client assertions are not supported.')
    }
    if (authorization !== undefined && /^basic(\s|$)/i.test(authorization)) {
      if (secretInBody !== undefined) {
        throw new OAuthError('invalid_request', 'Use one client authentication method, not two.')
      }
      const basic = readBasic(authorization)
      if (basic === undefined) {
        this.#report('malformed Basic credentials', false, origin)
        throw this.#basicError('The Authorization header is no valid Basic credential.')
      }
      if (inBody !== undefined && inBody !== basic.clientId && inBody !== basic.rawClientId) {
        throw new OAuthError('invalid_request', 'client_id differs from the one in the Authorization header.')
      }
      return { method: 'basic', ...basic }
    }
    if (inBody === undefined) {
      if (authorization !== undefined) {
        this.#report('an unknown authentication scheme', false, origin)
        throw this.#basicError('This authentication scheme is not supported.')
      }
      throw new OAuthError('invalid_request', 'client_id is missing.')
    }
    return secretInBody === undefined
      ? { method: 'none', clientId: inBody, secrets: [] }
      : { method: 'post', clientId: inBody, secrets: [secretInBody] }
  }

  #configured({ clientId }: Presented, inBody: string | undefined): Client | undefined {
    const client = this.#directory.configured(clientId)
    return client?.disabled === false && (inBody === undefined || inBody === clientId) ? client : undefined
  }

  /** The client of the decoded id, else of the raw one; undefined also where the body names the other reading. */
  async #find({ clientId, rawClientId }: Presented, inBody: string | undefined): Promise<Client | undefined> {
    const decoded = await this.#directory.find(clientId)
    const found =
      decoded === undefined && rawClientId !== undefined ? await this.#directory.find(rawClientId) : decoded
    return inBody === undefined || inBody === found?.id ? found : undefined
  }

  // Hashes and compares also where there is nothing to compare with, and every reading, so that time tells no more than
  // the answer.
  #secretFits(client: Client | undefined, secrets: readonly string[]): boolean {
    if (client === undefined || client.secrets.length === 0) {
      for (const secret of secrets) {
        timingSafeEqual(hashSecret(secret), absentSecret)
      }
      return false
    }
    const fits = secrets.map((secret) => hasSecret(client, secret, this.#settings.now()))
    return fits.includes(true)
  }

  #refuse(presented: Presented, isKnown: boolean, reason: string, origin: Origin): never {
    const { clientId } = presented
    const { remoteAddress } = origin
    // Leaving the secret out guesses nothing.
    const throttled = presented.secrets.length > 0 && this.#throttle?.fail(clientId, remoteAddress) === true
    // What nobody has as a client_id may be a secret in the wrong place.
    this.#report(reason, throttled, origin, isKnown || isQuotable(clientId) ? clientId : undefined)
    if (throttled && this.#throttle !== undefined) throw this.#throttle.error(clientId, remoteAddress)
    throw presented.method === 'basic'
      ? this.#basicError('Client authentication failed.')
      : new OAuthError('invalid_client', 'Client authentication failed.')
  }

  #report(reason: string, throttled: boolean, origin: Origin, clientId?: string): void {
    this.#events.emit('client.authentication_failed', {
      ...origin.describe(),
      ...(clientId !== undefined && { clientId }),
      reason,
      throttled,
    })
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

function reasonOf(client: Client | undefined, presented: Presented): string {
  if (client === undefined) return 'unknown or disabled client'
  if (presented.secrets.length === 0) return 'no secret'
  return client.authMethod === 'none' ? 'a secret for a public client' : 'wrong secret'
}
