import type { Client } from '../clients/client.js'
import type { Events } from '../events.js'
import { callbackCall } from '../faults/callback-call.js'
import type { Origin } from '../http/origin.js'
import type { ImportSettings } from '../options/import-token.js'
import { offlineAccess } from '../options/scopes.js'
import type { Settings } from '../options/settings.js'
import type { GenuineToken } from '../ratchet/circumstances.js'
import { canBeForeign, foreignIdHash, foreignToken } from '../ratchet/foreign-token.js'
import type { Ratchet } from '../ratchet/ratchet.js'
import type { Revoker } from '../ratchet/revoker.js'
import { unsealFacts } from '../ratchet/sealing.js'
import type { KeyRing } from '../ratchet/secrets.js'
import type { SeenFrom } from '../ratchet/seen.js'
import type { GrantRecord, ValueStore } from '../storage/storage.js'
import { Throttle } from '../throttle.js'
import { allowedScope } from './client-scope.js'
import { readFoundSession } from './found-session.js'
import type { FoundSession } from './found-session.js'
import type { GrantIssuer } from './grant-issuer.js'
import { isSince } from './sign-outs.js'
import type { SignOuts } from './sign-outs.js'

/** How long the two writes of an import may be apart, in ms: much longer than a storage call may take. */
const betweenWritesMs = 60_000

type RefusalReason =
  'unknown' | 'expired' | 'ended' | 'another_spelling' | 'not_before' | 'signed_out' | 'throttled'

/** The client that presents a token and the request in which it does. */
interface Presentation {
  readonly client: Client
  readonly token: GenuineToken
  readonly text: string
  readonly origin: Origin
  readonly seenFrom?: SeenFrom | undefined
}

/**
 * Refresh tokens that the app gave out before it came to this server, each imported at its first use: ADR 21.
 *
 * A token is generation 1 of a grant whose id and nonce are hashes of it, so that of any number of first uses one turns, and
 * every later use is judged by the record as one of ours. Two writes: a value that says that it was imported, which stays until the
 * token has expired (and the import is over), and the grant. So a grant that has ended, and whose record is gone, is not made again.
 */
export class ForeignTokens {
  readonly #options: ImportSettings
  readonly #settings: Settings
  readonly #values: ValueStore
  readonly #ratchet: Ratchet
  readonly #revoker: Revoker
  readonly #issuer: GrantIssuer
  readonly #signOuts: SignOuts
  readonly #ring: KeyRing
  readonly #events: Events
  readonly #throttle: Throttle | undefined

  constructor(
    options: ImportSettings,
    parts: {
      settings: Settings
      values: ValueStore
      ratchet: Ratchet
      revoker: Revoker
      issuer: GrantIssuer
      signOuts: SignOuts
      ring: KeyRing
      events: Events
    },
  ) {
    this.#options = options
    this.#settings = parts.settings
    this.#values = parts.values
    this.#ratchet = parts.ratchet
    this.#revoker = parts.revoker
    this.#issuer = parts.issuer
    this.#signOuts = parts.signOuts
    this.#ring = parts.ring
    this.#events = parts.events
    const { throttle, now } = parts.settings
    this.#throttle = throttle && new Throttle({ ...throttle, now })
  }

  /** A text as the token it would be if it was imported; undefined where it is not of a client whose tokens are. No I/O. */
  open(client: Client | undefined, text: string): GenuineToken | undefined {
    if (client !== undefined && !this.#options.clients.has(client.id)) return undefined
    return canBeForeign(text) ? foreignToken(this.#settings.realm, text) : undefined
  }

  /**
   * Makes the grant that a foreign refresh token turns, where it may have one. One storage call where it has been imported;
   * otherwise the app is asked.
   *
   * @returns undefined where it is not good
   * @throws OAuthError 429 where too many were not, `invalid_grant` where the subject has as many grants as may be
   * @throws StorageError, CallbackError: a 503 that consumed nothing
   */
  async present(
    client: Client,
    text: string,
    origin: Origin,
    seenFrom: SeenFrom | undefined,
  ): Promise<GenuineToken | undefined> {
    const token = this.open(client, text)
    if (token === undefined) return undefined
    const at = { client, token, text, origin, seenFrom }
    const record = (await this.#ratchet.find(token.grantId)) ?? (await this.#import(at))
    return record === undefined || (await this.#isSignedOut(at, record)) ? undefined : token
  }

  async #import(at: Presentation): Promise<GrantRecord | undefined> {
    const { client, token, origin } = at
    const now = this.#settings.now()
    if (now >= this.#options.until) return undefined
    if (await this.#hasEnded(token, now)) return this.#refuse('ended', client.id, origin)
    const session = await this.#ask(client.id, at, client.authMethod === 'none')
    if (session === undefined) return undefined

    const { record, facts } = this.#issuer.draft(
      client,
      session.signIn,
      this.#scopeOf(client, session),
      at.seenFrom,
      token,
    )
    const notBefore = Math.max(this.#settings.notBefore, client.notBefore)
    if (notBefore > 0 && !isSince(facts, notBefore)) return this.#refuse('not_before', client.id, origin)
    if (await this.#signOuts.endedForeign(facts)) return this.#refuse('signed_out', client.id, origin)
    try {
      await this.#issuer.assertRoom(client, facts.subject)
    } catch (error) {
      // The last place may have been taken by this very token, from another tab.
      const begun = await this.#ratchet.find(token.grantId)
      if (begun === undefined) throw error
      return begun
    }

    if (!(await this.#isOnlySpelling(client.id, token, session)))
      return this.#refuse('another_spelling', client.id, origin)
    const createUntil = Math.min(now + betweenWritesMs, record.expiresAt)
    await this.#values.stash(keyOf(token), String(createUntil), this.#keepUntil(session))
    // Where another record is there already, it is a tombstone, and that is what the turn meets.
    await this.#ratchet.create(record)
    return record
  }

  /**
   * Keeps a token that has not been imported from ever being imported: the revocation of a foreign token. The app is asked, so
   * that garbage leaves nothing behind.
   *
   * @param client undefined: the app itself, which may end any token
   * @throws OAuthError 429 where too many were no tokens
   */
  async renounce(
    client: Client | undefined,
    token: GenuineToken,
    text: string,
    origin: Origin,
  ): Promise<void> {
    const now = this.#settings.now()
    if (now >= this.#options.until || (await this.#hasEnded(token, now))) return
    for (const clientId of client === undefined ? this.#options.clients : [client.id]) {
      const session = await this.#ask(clientId, { token, text, origin }, client?.authMethod === 'none')
      if (session === undefined) continue
      await this.#isOnlySpelling(clientId, token, session)
      await this.#values.stash(keyOf(token), '0', this.#keepUntil(session))
      // The tombstone meets an import that is under way.
      const by = client === undefined ? origin.by : `client:${client.id}`
      await this.#revoker.revoke(token.grantId, 'token_revoked', { origin, by })
      return
    }
  }

  /** Whether it was imported, or renounced, and has no grant any more. */
  async #hasEnded(token: GenuineToken, now: number): Promise<boolean> {
    const createUntil = await this.#values.peek(keyOf(token), now)
    // Within the time between the writes it may be that the second one was not made.
    return createUntil !== undefined && Number(createUntil) <= now
  }

  /**
   * Asks the app, unless too many were no tokens.
   *
   * @param ofUser whether the request comes from the user's own device, so that its address says who guesses
   */
  async #ask(
    clientId: string,
    { token, text, origin }: Pick<Presentation, 'token' | 'text' | 'origin'>,
    ofUser: boolean,
  ): Promise<FoundSession | undefined> {
    const { remoteAddress } = origin
    // A client's own server asks for all its users: their garbage must not stop the others' tokens.
    const name = ofUser && remoteAddress !== undefined ? clientId : token.grantId
    if (this.#throttle?.isOver(name, remoteAddress) === true) {
      this.#refuse('throttled', clientId, origin)
      throw this.#throttle.error(name, remoteAddress)
    }
    const answer: unknown = await callbackCall(this.#settings.callbackTimeoutMs, 'importToken.find', () =>
      this.#options.find(text, clientId),
    )
    const now = this.#settings.now()
    const session = readFoundSession(answer, now)
    if (session !== undefined && session.expiresAt > now) return session
    this.#throttle?.fail(name, remoteAddress)
    return this.#refuse(session === undefined ? 'unknown' : 'expired', clientId, origin)
  }

  #scopeOf(client: Client, { scope }: FoundSession): string[] {
    const allowed = allowedScope(this.#settings, client)
    const granted =
      scope?.filter((value) => allowed.includes(value)) ?? this.#issuer.scopeFor(client, undefined)
    // Whoever has a refresh token was granted offline access, whatever that was called there.
    if (!this.#settings.requireOfflineAccess || granted.includes(offlineAccess)) return granted
    return [...granted, offlineAccess]
  }

  // Longer than the token lives while anything is imported: what prolongs sessions there may still be running.
  #keepUntil({ expiresAt }: FoundSession): number {
    return Math.max(expiresAt, this.#options.until)
  }

  /** Of all texts under which the app finds one id, the first; true again for the same. */
  async #isOnlySpelling(
    clientId: string,
    { grantId }: GenuineToken,
    session: FoundSession,
  ): Promise<boolean> {
    if (session.id === undefined) return true
    const key = `imported-id ${foreignIdHash(this.#settings.realm, clientId, session.id)}`
    return this.#values.mark(key, grantId, this.#keepUntil(session), this.#settings.now())
  }

  /**
   * Ends a grant that has not turned yet where its subject was signed out everywhere since. Asked behind the write, for a
   * sign-out that has not found the grant was remembered before; and again where an answer was lost in between.
   */
  async #isSignedOut({ client, origin }: Presentation, record: GrantRecord): Promise<boolean> {
    if (record.generation > 1 || record.revoked !== undefined || record.clientId !== client.id) return false
    const facts = unsealFacts(this.#ring, record)
    if (facts === undefined || !(await this.#signOuts.endedForeign(facts, record))) return false
    await this.#revoker.revoke(record.id, 'revoked', { origin })
    this.#refuse('signed_out', client.id, origin)
    return true
  }

  #refuse(reason: RefusalReason, clientId: string, origin: Origin): undefined {
    if (this.#events.has('token.import_refused'))
      this.#events.emit('token.import_refused', { ...origin.describe(), clientId, reason })
    return undefined
  }
}

function keyOf({ grantId }: GenuineToken): string {
  return `imported ${grantId}`
}
