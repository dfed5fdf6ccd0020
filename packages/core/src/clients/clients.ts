import { ConfigurationError } from '../faults/errors.js'
import type { Events, ServerEvents } from '../events.js'
import { ClientChangeError } from '../faults/client-change-error.js'
import { reportOutages } from '../faults/outages.js'
import { StorageError } from '../faults/storage-error.js'
import { Origin } from '../http/origin.js'
import type { Maintenance } from '../maintenance.js'
import { actorOf } from '../options/actor.js'
import type { ClientMetadata } from '../options/client-metadata.js'
import { isLifetime, millisecondsOf } from '../options/seconds.js'
import type { Settings } from '../options/settings.js'
import { randomId } from '../ratchet/random.js'
import type { ClientStore } from '../storage/storage.js'
import { checkClientId, checkClientsCall, checkMembers } from './check-calls.js'
import { secretsOf } from './client.js'
import { ClientRecords } from './client-records.js'
import type { ClientsPage, ClientsPageOptions } from './client-records.js'
import { warnOfWeakSecret } from './directory.js'
import type { ClientDirectory } from './directory.js'
import type { ByOptions, CreateClientOptions, NewClient } from './new-client.js'
import { newSecret, shown } from './new-secret.js'
import { checkMemberNames, checkRegistration } from './registration.js'
import { toRegistered } from './registered-client.js'
import type { ClientWithSecret, RegisteredClient } from './registered-client.js'
import { keptSecret, toClient, withSecret } from './stored-client.js'
import type { StoredClient } from './stored-client.js'

type Change = ServerEvents['client.changed']['change']

/**
 * `server.clients`: clients kept in the storage, beside those of the configuration, which win. A change is seen by
 * this process at once and by others within 5 seconds. Of concurrent changes to one client none is lost. In an outage
 * every method throws an `OAuthError` with status 503; in maintenance what changes a client does, but what only ends its use
 * (`disable`, `grants_not_before`).
 *
 * @see https://www.rfc-editor.org/rfc/rfc7591
 */
export class Clients {
  readonly #records: ClientRecords
  readonly #settings: Settings
  readonly #directory: ClientDirectory
  readonly #events: Events
  readonly #maintenance: Maintenance

  constructor(parts: {
    store: ClientStore
    settings: Settings
    directory: ClientDirectory
    events: Events
    maintenance: Maintenance
  }) {
    this.#records = new ClientRecords(parts)
    this.#settings = parts.settings
    this.#directory = parts.directory
    this.#events = parts.events
    this.#maintenance = parts.maintenance
  }

  /**
   * Registers a client, and shows its secret this once.
   *
   * @throws ConfigurationError for metadata that cannot work, and for a `secret` that cannot be one or is a public client's
   * @throws ClientChangeError, a `RangeError`, when the `client_id` is taken
   */
  async create(metadata: NewClient, options: CreateClientOptions = {}): Promise<ClientWithSecret> {
    checkClientsCall('create', options)
    checkMembers('create', metadata)
    return this.#run(options, async (report) => {
      this.#maintenance.assertOff()
      const created = await this.#create(metadata, options.secret)
      report(created.client_id, 'created')
      return created
    })
  }

  async #create(metadata: NewClient, given: string | undefined): Promise<ClientWithSecret> {
    const clientId = metadata.client_id ?? randomId()
    const { client_secret: _, ...members } = metadata as ClientMetadata
    const isPublic = members.token_endpoint_auth_method === 'none'
    const [kept] = secretsOf(given)
    const secret = isPublic || kept !== undefined ? undefined : newSecret()
    const now = this.#settings.now()
    const own = kept === undefined ? [] : [keptSecret(kept)]
    const stored: StoredClient = {
      metadata: { ...members, client_id: clientId },
      secrets: secret === undefined ? own : withSecret([], secret, now, now),
      createdAt: now,
    }
    toClient(stored, this.#settings)
    checkMemberNames(clientId, metadata)
    checkRegistration(stored.metadata, this.#settings.offersPassword)
    if (isPublic && kept !== undefined) {
      throw new ConfigurationError(
        'clients.client_secret',
        `Client ${clientId}: client_secret is that of a public client, which has none.`,
      )
    }
    const taken = this.#directory.isConfigured(clientId) || !(await this.#save(clientId, stored, null))
    if (taken) throw new ClientChangeError('taken', `There is a client ${clientId} already.`)
    if (kept?.weak === true) warnOfWeakSecret(clientId)
    return { ...toRegistered(stored), ...shown(secret) }
  }

  /** A stored client; undefined when the storage has no client of that id. */
  get(clientId: string): Promise<RegisteredClient | undefined> {
    return reportOutages(this.#events, async () => {
      checkClientId('get', clientId)
      const found = await this.#records.find(clientId)
      return found && toRegistered(found.stored)
    })
  }

  /** The `client_name` of a client, stored or configured; undefined when it has none, is gone, or cannot work any more. */
  nameOf(clientId: string): Promise<string | undefined> {
    return reportOutages(this.#events, async () => {
      checkClientId('nameOf', clientId)
      try {
        return (await this.#directory.find(clientId))?.metadata.client_name
      } catch (error) {
        if (error instanceof ConfigurationError) return undefined
        throw error
      }
    })
  }

  /**
   * All stored clients, by `client_id`. Records that are damaged are left out and raise `request.failed`, once for all of them,
   * with their ids: each can be removed.
   */
  list(): Promise<RegisteredClient[]> {
    return reportOutages(this.#events, () => this.#records.list())
  }

  /**
   * One page of the stored clients, by `client_id`, and where the next one begins. A page has at least one as long as there
   * is one. Damaged records are left out as of {@link Clients.list}.
   *
   * @throws CursorError for a cursor that no page of this storage has given
   * @throws RangeError for a limit out of range
   */
  page(options: ClientsPageOptions = {}): Promise<ClientsPage> {
    return reportOutages(this.#events, async () => {
      checkClientsCall('page', options)
      return this.#records.page(options)
    })
  }

  /**
   * Replaces members of a client's metadata; a member given as undefined is removed. Undefined when there is none.
   *
   * @throws ConfigurationError for metadata that cannot work
   * @throws ClientChangeError, a `RangeError`, for a client of the configuration, which is changed there, and for a public
   *   one that is to become confidential: a secret is shown when a client is made
   */
  async update(
    clientId: string,
    changes: Partial<NewClient>,
    options: ByOptions = {},
  ): Promise<RegisteredClient | undefined> {
    checkClientsCall('update', options)
    checkClientId('update', clientId)
    checkMembers('update', changes)
    return this.#run(options, async (report) => {
      if (!onlyEnds(changes)) this.#maintenance.assertOff()
      const changed = await this.#update(clientId, changes)
      if (changed !== undefined) report(clientId, changeOf(changes))
      return changed
    })
  }

  #update(clientId: string, changes: Partial<NewClient>): Promise<RegisteredClient | undefined> {
    return this.#tryToChange(clientId, (stored) => {
      const { client_secret: _, ...given } = changes as Partial<ClientMetadata>
      const merged = Object.entries({ ...stored.metadata, ...given, client_id: clientId })
      const method = 'token_endpoint_auth_method' in given ? given.token_endpoint_auth_method : 'none'
      if (method !== 'none' && stored.secrets.length === 0) {
        throw new ClientChangeError(
          'public',
          `Client ${clientId} is public and has no secret: make a new client, which gets one.`,
        )
      }
      const metadata = Object.fromEntries(merged.filter(([, value]) => value !== undefined)) as ClientMetadata
      checkRegistration(metadata, this.#settings.offersPassword, given)
      return { ...stored, metadata }
    })
  }

  /**
   * Removes a client: its requests are `invalid_client`, and its tokens inactive. Its grants are kept. False when there is no
   * such client.
   *
   * @throws ClientChangeError, a `RangeError`, for one that is only in the configuration, which this does not change
   */
  async remove(clientId: string, options: ByOptions = {}): Promise<boolean> {
    checkClientsCall('remove', options)
    checkClientId('remove', clientId)
    return this.#run(options, async (report) => {
      this.#maintenance.assertOff()
      const removed = await this.#records.remove(clientId)
      this.#directory.forget(clientId)
      if (removed) report(clientId, 'removed')
      else this.#assertNotConfigured(clientId)
      return removed
    })
  }

  /** Disables a client, whose requests and tokens are then refused; with `disabled: false` enables it again. */
  disable(clientId: string, disabled = true, options: ByOptions = {}): Promise<RegisteredClient | undefined> {
    return this.update(clientId, { disabled }, options)
  }

  /**
   * Gives a client a new secret, shown this once.
   *
   * @param options.overlap seconds during which the secret before still works; default 0
   * @throws ClientChangeError, a `RangeError`, for a public client, which has no secret, and for one of the configuration
   * @throws RangeError for an invalid `overlap`
   */
  async rotateSecret(
    clientId: string,
    options: { overlap?: number } & ByOptions = {},
  ): Promise<ClientWithSecret | undefined> {
    checkClientsCall('rotateSecret', options)
    checkClientId('rotateSecret', clientId)
    const secret = newSecret()
    const overlap = options.overlap ?? 0
    if (overlap !== 0 && !isLifetime(overlap)) throw new RangeError('overlap must be seconds, 0 or more.')
    const rotate = (stored: StoredClient): StoredClient => {
      if (stored.metadata.token_endpoint_auth_method === 'none')
        throw new ClientChangeError('public', `Client ${clientId} is public: it has no secret.`)
      const now = this.#settings.now()
      return { ...stored, secrets: withSecret(stored.secrets, secret, now, now + millisecondsOf(overlap)) }
    }
    return this.#run(options, async (report) => {
      this.#maintenance.assertOff()
      const changed = await this.#tryToChange(clientId, rotate)
      if (changed !== undefined) report(clientId, 'secret_rotated')
      return changed && { ...changed, ...shown(secret) }
    })
  }

  /** Runs one change of a client; `report` raises its event. */
  async #run<T>(
    options: ByOptions,
    work: (report: (clientId: string, change: Change) => void) => Promise<T>,
  ): Promise<T> {
    const by = actorOf(options.by)
    const origin = new Origin()
    const report = (clientId: string, change: Change): void =>
      this.#events.emit('client.changed', {
        clientId,
        change,
        ...origin.describe(),
        ...(by !== undefined && { by }),
      })
    return reportOutages(this.#events, () => work(report), origin)
  }

  async #tryToChange(
    clientId: string,
    change: (stored: StoredClient) => StoredClient,
  ): Promise<RegisteredClient | undefined> {
    this.#assertNotConfigured(clientId)
    for (let attempt = 0; attempt < 10; attempt++) {
      const found = await this.#records.find(clientId)
      if (found === undefined) return undefined
      const changed = change(found.stored)
      toClient(changed, this.#settings)
      if (await this.#save(clientId, changed, found.revision)) return toRegistered(changed)
    }
    throw new StorageError('The client changed under every attempt to change it.', { outcome: 'not_applied' })
  }

  // An error and no quiet "there is none": whoever disables a stolen client must not believe that it is done.
  #assertNotConfigured(clientId: string): void {
    if (!this.#directory.isConfigured(clientId)) return
    throw new ClientChangeError(
      'configured',
      `Client ${clientId} is one of the configuration: change it there.`,
    )
  }

  async #save(clientId: string, stored: StoredClient, expectedRevision: number | null): Promise<boolean> {
    const saved = await this.#records.save(clientId, stored, expectedRevision)
    this.#directory.forget(clientId)
    return saved
  }
}

function changeOf(changes: Partial<NewClient>): Change {
  const { disabled } = changes
  if (typeof disabled !== 'boolean' || Object.keys(changes).length > 1) return 'updated'
  return disabled ? 'disabled' : 'enabled'
}

/** Takes away and gives nothing: what a stolen client needs does not wait for the end of a maintenance. */
function onlyEnds(changes: Partial<NewClient>): boolean {
  const names = Object.keys(changes)
  return names.length === 1 && (changes.disabled === true || names[0] === 'grants_not_before')
}
