import { ConfigurationError, OAuthError } from '../errors.js'
import type { ClientLookup } from '../options.js'
import type { Settings } from '../settings.js'
import { callbackCall } from '../timeout.js'
import { clientOf } from './client.js'
import type { Client, ClientMetadata } from './client.js'

/** Finds clients: those given as a list without any I/O, those of a function by asking it. */
export class ClientDirectory {
  readonly #configured = new Map<string, Client>()
  readonly #lookup: ClientLookup | undefined
  readonly #settings: Settings

  /** @throws ConfigurationError for client metadata that cannot work */
  constructor(clients: readonly ClientMetadata[] | ClientLookup, settings: Settings) {
    this.#settings = settings
    this.#lookup = typeof clients === 'function' ? clients : undefined
    if (typeof clients === 'function') return
    for (const metadata of clients) {
      const client = clientOf(metadata)
      if (this.#configured.has(client.id)) {
        throw new ConfigurationError(
          'clients.repeated',
          `Two of the clients have the client_id ${client.id}.`,
        )
      }
      this.#configured.set(client.id, client)
    }
  }

  /**
   * A client that may act; undefined for one that does not exist or is disabled, which nobody can tell apart.
   *
   * @throws CallbackError when the app's function fails
   */
  async find(id: string): Promise<Client | undefined> {
    const client = this.#configured.get(id) ?? (await this.#ask(id))
    return client === undefined || client.disabled ? undefined : client
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
      if (metadata.client_id !== id) throw new TypeError(`clients(${id}) answered another client`)
      return clientOf(metadata)
    })
  }
}
