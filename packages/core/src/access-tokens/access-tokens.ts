import type { Client } from '../clients/client.js'
import type { ClientDirectory } from '../clients/directory.js'
import type { Events } from '../events.js'
import { CallbackError } from '../faults/errors.js'
import { callbackCall } from '../faults/callback-call.js'
import { Origin } from '../http/origin.js'
import type { AccessTokenOptions } from '../options/options.js'
import { splitScope } from '../options/scopes.js'
import { secondsUntil } from '../options/seconds.js'
import type { Settings } from '../options/settings.js'
import { randomId } from '../ratchet/random.js'
import { sameText } from '../ratchet/same-text.js'
import { assertKnownFormat, unsealFacts } from '../ratchet/sealing.js'
import type { Facts } from '../ratchet/sealing.js'
import type { KeyRing } from '../ratchet/secrets.js'
import { toGrant } from '../ratchet/to-grant.js'
import { RecentlyUsed } from '../recently-used.js'
import type { GrantRecord, Storage } from '../storage/storage.js'
import { accessProof, assertOwnClaims, commonText, proofTextWith } from './claims.js'
import type { AccessTokenContent, GenuineAccessToken } from './claims.js'
import { openJwt, sealJwt } from './jwt.js'
import type { VerifiedJwts } from './jwt.js'
import { openOpaque, opaquePrefix, sealOpaque } from './opaque.js'
import { derivedSigningKeys, givenSigningKeys } from './signing-keys.js'
import type { SigningKey } from './signing-keys.js'

/** An access token that is good now, with what stands behind it. */
export interface ActiveAccessToken {
  readonly token: GenuineAccessToken
  readonly client: Client
  /** Both absent for a client-credentials token, and for a JWT whose grant was not asked. */
  readonly grant?: GrantRecord
  readonly facts?: Facts
}

export interface IssuedAccessToken {
  readonly accessToken: string
  /** Seconds. */
  readonly expiresIn: number
}

/** Makes access tokens, and tells which are good. */
export class AccessTokens {
  readonly #ring: KeyRing
  readonly #settings: Settings
  readonly #storage: Storage
  readonly #clients: ClientDirectory
  readonly #events: Events
  readonly #options: AccessTokenOptions
  /** The keys in use, the first of which signs. None where tokens are opaque and no key was given. */
  readonly #inUse: readonly SigningKey[]
  /** Those of the secrets, where they are not in use but may be published for a while. */
  readonly #retired: readonly SigningKey[]
  readonly #verifiedJwts: VerifiedJwts = new RecentlyUsed(10_000)
  readonly #common = new WeakMap<Client, { readonly scope: string; readonly text: string }>()

  constructor(parts: {
    ring: KeyRing
    settings: Settings
    storage: Storage
    clients: ClientDirectory
    events: Events
    options: AccessTokenOptions
  }) {
    this.#ring = parts.ring
    this.#settings = parts.settings
    this.#storage = parts.storage
    this.#clients = parts.clients
    this.#events = parts.events
    this.#options = parts.options
    const given = givenSigningKeys(parts.options.signingKeys ?? [])
    const derives = given.length === 0 && parts.settings.accessTokenFormat === 'jwt'
    this.#inUse = derives ? derivedSigningKeys(parts.ring.all) : given
    this.#retired =
      derives || parts.settings.publishDerivedKeysUntil === 0 ? [] : derivedSigningKeys(parts.ring.all)
  }

  /** The keys of the JWKS now, under which JWTs are accepted. */
  get keys(): readonly SigningKey[] {
    const { now, publishDerivedKeysUntil } = this.#settings
    return now() < publishDerivedKeysUntil ? [...this.#inUse, ...this.#retired] : this.#inUse
  }

  /** Whether issuing asks the app's `claims` callback, which must then happen before the ratchet turns. */
  get asksClaimsAtIssue(): boolean {
    return this.#options.claims !== undefined && this.#settings.accessTokenFormat === 'jwt'
  }

  /**
   * The app's claims for a grant: those of the sign-in, and those of the callback.
   *
   * @throws CallbackError when the callback fails or answers a name that is the server's own
   */
  async claimsFor(grant: GrantRecord, facts: Facts): Promise<Readonly<Record<string, unknown>>> {
    const ask = this.#options.claims
    if (ask === undefined) return facts.claims ?? {}
    return callbackCall(this.#settings.callbackTimeoutMs, 'accessToken.claims', async () => {
      const claims = await ask(toGrant(this.#ring, this.#settings, grant, facts, 0))
      if (claims === undefined || claims === null) return facts.claims ?? {}
      // As they will be written, and before anything turns: what JSON cannot write must not be found out after it.
      const written = JSON.parse(JSON.stringify(claims)) as Record<string, unknown> | null
      if (typeof written !== 'object' || written === null || Array.isArray(written)) {
        throw new CallbackError('accessToken.claims', 'must answer an object, or nothing')
      }
      assertOwnClaims(written)
      return { ...facts.claims, ...written }
    })
  }

  /**
   * An access token of a grant. It never outlives the grant (`expires_in` in seconds).
   *
   * @param now when it begins, in ms since the epoch
   */
  issue(
    client: Client,
    grant: GrantRecord,
    facts: Facts,
    scope: string,
    claims: Readonly<Record<string, unknown>> | undefined,
    now: number,
  ): IssuedAccessToken {
    const content = this.#content(client, scope, now, grant.expiresAt, grant.id)
    const text = proofTextWith(this.#commonTextOf(client, content), content)
    const proof = accessProof(grant.accessNonce, content, text)
    const { id, clientId, audience, issuedAt, expiresAt } = content
    const token = { id, grantId: grant.id, clientId, scope, audience, issuedAt, expiresAt, proof }
    return this.#seal(token, facts, claims ?? facts.claims ?? {}, text)
  }

  /** An access token of a client's own (RFC 6749 §4.4): no grant, no subject. */
  issueForClient(client: Client, scope: string): IssuedAccessToken {
    const content = this.#content(client, scope, this.#settings.now(), Number.POSITIVE_INFINITY)
    // Times of tokens are whole seconds: one of the very second in which the client's tokens were ended would be
    // taken for one of those.
    const cut = Math.ceil(this.#notBefore(client) / 1000)
    const issuedAt = cut === content.issuedAt + 1 ? cut : content.issuedAt
    return this.#seal({ ...content, issuedAt }, { subject: client.id, scope }, {})
  }

  /** Opens a token of either format without a storage call; undefined when it is none of ours or has expired. */
  async open(text: string, origin = new Origin()): Promise<GenuineAccessToken | undefined> {
    const token = text.startsWith(opaquePrefix) ? this.#openOpaque(text, origin) : await this.#openJwt(text)
    return token === undefined || token.expiresAt * 1000 <= this.#settings.now() ? undefined : token
  }

  /**
   * Whether a token is good now: at most one storage call.
   *
   * @param askGrant false: believe a JWT until it expires, without a storage call; opaque tokens are asked anyway
   * @returns undefined for a token that is not, for whatever reason
   * @throws StorageError in an outage
   */
  async check(text: string, askGrant = true, origin?: Origin): Promise<ActiveAccessToken | undefined> {
    const token = await this.open(text, origin)
    return token && this.checkOpened(token, askGrant)
  }

  /** The same for a token that {@link open} has opened. */
  async checkOpened(token: GenuineAccessToken, askGrant = true): Promise<ActiveAccessToken | undefined> {
    const client = await this.#clients.find(token.clientId)
    if (client === undefined) return undefined
    if (!askGrant && token.details !== undefined) return { token, client }
    return token.grantId === undefined
      ? this.#checkClientToken(token, client)
      : this.#checkGrant(token, token.grantId, client)
  }

  /** Ends one access token and, with a grant, its other access tokens; the refresh token goes on. */
  async revoke(token: GenuineAccessToken, grant: GrantRecord | undefined): Promise<void> {
    if (grant !== undefined) {
      await this.#storage.grants.renewAccessNonce(grant.id, randomId())
    } else {
      await this.#storage.values.mark(markOf(token), randomId(), token.expiresAt * 1000, this.#settings.now())
    }
  }

  async #checkClientToken(token: GenuineAccessToken, client: Client): Promise<ActiveAccessToken | undefined> {
    const now = this.#settings.now()
    const ended =
      !client.grantTypes.has('client_credentials') ||
      token.issuedAt * 1000 < this.#notBefore(client) ||
      (await this.#storage.values.isMarked(markOf(token), now))
    return ended
      ? undefined
      : { token: withScope(token, within(token.scope, client.scope.join(' '))), client }
  }

  async #checkGrant(
    token: GenuineAccessToken,
    grantId: string,
    client: Client,
  ): Promise<ActiveAccessToken | undefined> {
    const grant = await this.#storage.grants.find(grantId)
    if (grant === undefined || grant.revoked !== undefined || grant.clientId !== client.id) return undefined
    assertKnownFormat(grant)
    const now = this.#settings.now()
    if (grant.expiresAt <= now || grant.createdAt < this.#notBefore(client)) return undefined
    if (!sameText(accessProof(grant.accessNonce, token), token.proof ?? '')) return undefined
    const facts = unsealFacts(this.#ring, grant)
    if (facts === undefined) return undefined
    // A scope that was taken from the grant is gone from its tokens too.
    return { token: withScope(token, within(token.scope, facts.scope)), client, grant, facts }
  }

  // Of the scope that the client had last: nearly all its grants have one, and each refresh asks.
  #commonTextOf(client: Client, content: AccessTokenContent): string {
    const last = this.#common.get(client)
    if (last?.scope === content.scope) return last.text
    const text = commonText(content)
    this.#common.set(client, { scope: content.scope, text })
    return text
  }

  #notBefore(client: Client): number {
    return Math.max(client.notBefore, this.#settings.notBefore)
  }

  #content(client: Client, scope: string, now: number, end: number, grantId?: string): AccessTokenContent {
    const issuedAt = Math.floor(now / 1000)
    const expiresAt = issuedAt + secondsUntil(Math.min(now + client.accessTokenLifetimeMs, end), now)
    const { audience } = this.#settings
    // No copy by spread: what is added to one is slow to add and to read, and this is on the path of a refresh.
    return grantId === undefined
      ? { id: randomId(), clientId: client.id, scope, audience, issuedAt, expiresAt }
      : { id: randomId(), grantId, clientId: client.id, scope, audience, issuedAt, expiresAt }
  }

  #seal(
    token: GenuineAccessToken,
    facts: Facts,
    claims: Readonly<Record<string, unknown>>,
    text?: string,
  ): IssuedAccessToken {
    const expiresIn = token.expiresAt - token.issuedAt
    if (this.#settings.accessTokenFormat === 'opaque')
      return { accessToken: sealOpaque(this.#ring, token, text), expiresIn }
    const [key] = this.#inUse
    const details = {
      subject: facts.subject,
      authTime: facts.authTime,
      acr: facts.acr,
      amr: facts.amr,
      claims,
    }
    return { accessToken: sealJwt(key as SigningKey, this.#settings.issuer, token, details), expiresIn }
  }

  #openOpaque(text: string, origin: Origin): GenuineAccessToken | undefined {
    const opened = openOpaque(this.#ring, text)
    if (opened.status === 'unknown_key') {
      this.#events.emit('token.unknown_key', {
        kind: 'access_token',
        keyId: opened.keyId,
        ...origin.describe(),
      })
    }
    return opened.status === 'genuine' ? opened.token : undefined
  }

  async #openJwt(text: string): Promise<GenuineAccessToken | undefined> {
    const { keys } = this
    if (keys.length === 0) return undefined
    // Three parts and no longer than ours can be: what else comes here costs no cryptography.
    if (text.length > 16_384 || !/^[\w-]+\.[\w-]+\.[\w-]+$/.test(text)) return undefined
    return openJwt(keys, this.#settings.issuer, text, this.#verifiedJwts)
  }
}

function markOf(token: AccessTokenContent): string {
  return `at:${token.id}`
}

function within(scope: string, allowed: string): string {
  if (scope === allowed) return scope
  const values = splitScope(allowed)
  return splitScope(scope)
    .filter((value) => values.includes(value))
    .join(' ')
}

// No copy of what stays the same: this is asked with every call of an API.
function withScope(token: GenuineAccessToken, scope: string): GenuineAccessToken {
  return scope === token.scope ? token : { ...token, scope }
}
