import { RecentlyUsed } from '@oauth-ratchet/core'
import { hash } from 'node:crypto'
import { IssuerError } from './issuer-error.js'
import { requestJson } from './request-json.js'
import type { RequestContext } from './request-json.js'
import type { IntrospectionSettings, VerifierSettings } from './token-verifier-options.js'

/** Answers of up to so many characters take one place among those that are remembered, larger ones several. */
const charactersOfOne = 1200

/** What the server says of a token; undefined: it is not active. */
type Members = Readonly<Record<string, unknown>> | undefined

interface Known {
  readonly members: Members
  /** Milliseconds since the epoch. */
  readonly until: number
}

/**
 * Asks the server about tokens, and remembers its answers for a few seconds. Those about good and about bad tokens are kept
 * apart, so that no number of bad ones pushes good ones out.
 *
 * @see https://www.rfc-editor.org/rfc/rfc7662#section-2
 */
export class Introspector {
  readonly #context: RequestContext
  readonly #settings: Pick<VerifierSettings, 'issuer' | 'now'>
  readonly #options: IntrospectionSettings
  readonly #endpoint: () => Promise<string | undefined>
  // By digest: no token is kept.
  readonly #active: RecentlyUsed<string, Known>
  readonly #inactive: RecentlyUsed<string, Known>
  readonly #asking = new Map<string, Promise<Members>>()

  constructor(
    context: RequestContext,
    settings: Pick<VerifierSettings, 'issuer' | 'now'>,
    options: IntrospectionSettings,
    endpoint: () => Promise<string | undefined>,
  ) {
    this.#context = context
    this.#settings = settings
    this.#options = options
    this.#endpoint = endpoint
    this.#active = new RecentlyUsed(options.cacheSize)
    this.#inactive = new RecentlyUsed(options.cacheSize)
  }

  /**
   * Concurrent calls for one token are one request.
   *
   * @throws IssuerError where the server does not say
   */
  async ask(token: string): Promise<Members> {
    const digest = hash('sha256', token, 'base64')
    const known = this.#active.get(digest) ?? this.#inactive.get(digest)
    if (known !== undefined && this.#settings.now() < known.until) return known.members
    let asking = this.#asking.get(digest)
    if (asking === undefined) {
      asking = this.#request(token, digest).finally(() => this.#asking.delete(digest))
      this.#asking.set(digest, asking)
    }
    return asking
  }

  async #request(token: string, digest: string): Promise<Members> {
    const url = await this.#endpoint()
    if (url === undefined) throw this.#unusable('The authorization server has no introspection endpoint.')
    // From before the question: what happens while it is under way is not in the answer.
    const asked = this.#settings.now()
    const members = await requestJson(this.#context, url, {
      method: 'POST',
      headers: { authorization: this.#credentials() },
      body: new URLSearchParams({ token, token_type_hint: 'access_token' }),
    })
    const until = asked + this.#options.cacheForMs
    if (members['active'] === false) {
      this.#remember(this.#inactive, this.#active, digest, { members: undefined, until })
      return undefined
    }
    const { exp, iat, client_id, iss } = members
    if (
      members['active'] !== true ||
      typeof exp !== 'number' ||
      typeof iat !== 'number' ||
      typeof client_id !== 'string' ||
      iss !== this.#settings.issuer
    )
      throw this.#unusable(`${url} answered with what says too little of the token, or of another issuer's.`)
    this.#remember(this.#active, this.#inactive, digest, { members, until: Math.min(until, exp * 1000) })
    return members
  }

  #remember(
    to: RecentlyUsed<string, Known>,
    from: RecentlyUsed<string, Known>,
    digest: string,
    known: Known,
  ): void {
    from.delete(digest)
    const characters = known.members === undefined ? 0 : JSON.stringify(known.members).length
    const places = Math.min(this.#options.cacheSize, Math.max(1, characters / charactersOfOne))
    to.set(digest, known, places)
  }

  // Both halves form-encoded (RFC 6749 §2.3.1).
  #credentials(): string {
    const { clientId, clientSecret } = this.#options
    const encoded = [clientId, clientSecret].map((text) =>
      new URLSearchParams({ x: text }).toString().slice(2),
    )
    return `Basic ${Buffer.from(encoded.join(':')).toString('base64')}`
  }

  #unusable(problem: string): IssuerError {
    const error = new IssuerError(problem)
    this.#context.report(error)
    return error
  }
}
