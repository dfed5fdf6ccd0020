import { ConfigurationError, OAuthError } from '../faults/errors.js'
import { callbackCall } from '../faults/callback-call.js'
import type { ClientMetadata } from '../options/client-metadata.js'
import type { ClientLookup } from '../options/options.js'
import { warnOfObservedReuse } from '../options/observe-reuse.js'
import { offlineAccess } from '../options/scopes.js'
import type { Settings } from '../options/settings.js'
import type { ClientStore } from '../storage/storage.js'
import { RecentlyUsed } from '../recently-used.js'
import { clientOf, isClientId } from './client.js'
import type { Client } from './client.js'
import { checkRegistration } from './registration.js'
import { readStored, storedId, toClient } from './stored-client.js'

/** How long a client of the storage is believed without asking again: a change reaches other processes by then. */
const cacheMs = 5000
/** Clients remembered at most: names that nobody has must not fill memory. */
const cacheSize = 1000

/**
 * Finds clients: those given as a list without any I/O, those of a function by asking it, and after these the ones
 * that `server.clients` keeps in the storage.
 */
export class ClientDirectory {
  readonly #configured = new Map<string, Client>()
  readonly #lookup: ClientLookup | undefined
  readonly #settings: Settings
  readonly #store: ClientStore
  readonly #cache = new RecentlyUsed<string, { readonly client: Client | undefined; readonly until: number }>(
    cacheSize,
  )
  #changes = 0
  #warnedOfLookup = false
  /** Clients whose reuse is only observed, and that were warned of. */
  readonly #observed = new Set<string>()

  /** @throws ConfigurationError for client metadata that cannot work */
  constructor(clients: readonly ClientMetadata[] | ClientLookup, store: ClientStore, settings: Settings) {
    this.#settings = settings
    this.#store = store
    this.#lookup = typeof clients === 'function' ? clients : undefined
    if (typeof clients === 'function') return
    if (!Array.isArray(clients)) {
      throw new ConfigurationError(
        'clients.invalid',
        'clients must be a list of client metadata, or a function.',
      )
    }
    for (const metadata of clients) {
      const client = clientOf(metadata, settings)
      checkRegistration(metadata, settings.offersPassword)
      if (this.#configured.has(client.id)) {
        throw new ConfigurationError(
          'clients.repeated',
          `Two of the clients have the client_id ${client.id}.`,
        )
      }
      this.#configured.set(client.id, client)
      this.#warnOfObservedReuse(client)
      if (client.secrets.some((secret) => secret.weak)) warnOfWeakSecret(client.id)
      const unknown = client.scope.filter(
        (value) =>
          !settings.scopes.has(value) && !(value === offlineAccess && client.grantTypes.has('refresh_token')),
      )
      if (unknown.length > 0) {
        process.emitWarning(
          `Client ${client.id} is registered for ${unknown.join(' ')}, which the option scopes does not have: ` +
            'its tokens come without.',
          { type: 'OAuthRatchetWarning', code: 'OAUTH_RATCHET_UNKNOWN_SCOPE' },
        )
      }
    }
  }

  /**
   * A client that may act; undefined for one that does not exist or is disabled, which nobody can tell apart.
   *
   * @throws CallbackError when the app's function fails
   * @throws StorageError in an outage, for a client that is not configured
   */
  async find(id: string): Promise<Client | undefined> {
    // No client can have it, and not every database takes it in a query.
    if (!isClientId(id)) return undefined
    const client = this.#configured.get(id) ?? (await this.#ask(id)) ?? (await this.#findStored(id))
    return client === undefined || client.disabled ? undefined : client
  }

  /** One of the list given to the server, disabled or not. */
  configured(id: string): Client | undefined {
    return this.#configured.get(id)
  }

  configuredIds(): readonly string[] {
    return [...this.#configured.keys()]
  }

  isConfigured(id: string): boolean {
    return this.#configured.has(id)
  }

  /** The next look at this client asks the storage. */
  forget(id: string): void {
    this.#changes += 1
    this.#cache.delete(id)
  }

  async #findStored(id: string): Promise<Client | undefined> {
    const now = this.#settings.now()
    const known = this.#cache.get(id)
    // Not longer either where the clock was put back.
    if (known !== undefined && known.until > now && known.until - now <= cacheMs) return known.client
    const changes = this.#changes
    const record = await this.#store.find(storedId(this.#settings.realm, id))
    const client = record && toClient(readStored(id, record.data), this.#settings)
    if (client !== undefined) this.#warnOfObservedReuse(client)
    // What was read while a change was being made may be from before it.
    if (changes === this.#changes) this.#cache.set(id, { client, until: now + cacheMs })
    return client
  }

  /** @throws OAuthError `invalid_client` when {@link find} finds none */
  async require(id: string): Promise<Client> {
    const client = await this.find(id)
    if (client === undefined)
      throw new OAuthError('invalid_client', 'There is no such client.', { status: 401 })
    return client
  }

  async #ask(id: string): Promise<Client | undefined> {
    const lookup = this.#lookup
    if (lookup === undefined) return undefined
    return callbackCall(this.#settings.callbackTimeoutMs, 'clients', async () => {
      const metadata = await lookup(id)
      if (metadata === undefined || metadata === null) return undefined
      if (typeof metadata.client_id === 'string' && metadata.client_id !== id) {
        this.#warnOfLookup()
        return undefined
      }
      const client = clientOf(metadata, this.#settings)
      checkRegistration(metadata, true)
      this.#warnOfObservedReuse(client)
      return client
    })
  }

  // Once for each: at start for those of the configuration, for others when this process first meets them.
  #warnOfObservedReuse({ id, observeReuseUntil }: Client): void {
    if (observeReuseUntil <= this.#settings.now() || this.#observed.has(id)) return
    this.#observed.add(id)
    warnOfObservedReuse(`client ${id}`, observeReuseUntil)
  }

  // Once: anybody can bring it about with another spelling of an id.
  #warnOfLookup(): void {
    if (this.#warnedOfLookup) return
    this.#warnedOfLookup = true
    process.emitWarning(
      'The function given as clients answered a client whose client_id differs from the one it was asked for. That is ' +
        'taken as no such client. A database that ignores case or trailing spaces does it: client_id is compared exactly.',
      { type: 'OAuthRatchetWarning', code: 'OAUTH_RATCHET_CLIENT_LOOKUP' },
    )
  }
}

export function warnOfWeakSecret(clientId: string): void {
  process.emitWarning(
    `The secret of client ${clientId} can be guessed, being short or made up: make one with openssl rand -hex 32.`,
    { type: 'OAuthRatchetWarning', code: 'OAUTH_RATCHET_WEAK_SECRET' },
  )
}
