import type { Client } from '../clients/client.js'
import type { ClientDirectory } from '../clients/directory.js'
import type { Events } from '../events.js'
import { ConfigurationError } from '../faults/errors.js'
import { reportOutages } from '../faults/outages.js'
import type { Settings } from '../options/settings.js'

/** Before when the grants of a client are over: what the server's options and the client's registration say. */
export class ClientEnds {
  readonly #clients: ClientDirectory
  readonly #settings: Settings
  readonly #events: Events

  constructor(parts: { clients: ClientDirectory; settings: Settings; events: Events }) {
    this.#clients = parts.clients
    this.#settings = parts.settings
    this.#events = parts.events
  }

  /** For the grants of one list: each client is asked for once. */
  each(): { of(clientId: string): Promise<number> } {
    const known = new Map<string, number>()
    return {
      of: async (clientId) => {
        const end = known.get(clientId) ?? this.endOf(await this.clientOf(clientId))
        known.set(clientId, end)
        return end
      },
    }
  }

  endOf(client: Client | undefined): number {
    return Math.max(this.#settings.notBefore, client?.notBefore ?? 0)
  }

  async clientOf(clientId: string): Promise<Client | undefined> {
    try {
      return await reportOutages(this.#events, () => this.#clients.find(clientId))
    } catch (error) {
      // A client whose registration cannot work any more ends nothing; its users still see their grants.
      if (error instanceof ConfigurationError) return undefined
      throw error
    }
  }
}
