import type { Events } from '../events.js'
import { reportOutages } from '../faults/outages.js'
import { StorageError } from '../faults/storage-error.js'
import type { Grant } from '../options/grant.js'
import type { Settings } from '../options/settings.js'
import { unsealForOnce } from '../ratchet/sealing.js'
import type { KeyRing } from '../ratchet/secrets.js'
import { toGrant } from '../ratchet/to-grant.js'
import { everyPage, readAtOnce } from '../storage/every-page.js'
import type { GrantPage, GrantRecord, GrantStore, Page } from '../storage/storage.js'
import type { ClientEnds } from './client-ends.js'
import type { GrantsPage, GrantsPageOptions } from './grant-options.js'
import { pageOfGrants } from './page-of-grants.js'

/** Lists a subject's live grants: what `server.grants.each` and `page` do. */
export class ListedGrants {
  readonly #store: GrantStore
  readonly #ring: KeyRing
  readonly #settings: Settings
  readonly #events: Events
  readonly #clientEnds: ClientEnds

  constructor(parts: {
    grants: GrantStore
    ring: KeyRing
    settings: Settings
    events: Events
    clientEnds: ClientEnds
  }) {
    this.#store = parts.grants
    this.#ring = parts.ring
    this.#settings = parts.settings
    this.#events = parts.events
    this.#clientEnds = parts.clientEnds
  }

  async *each(options: { subject: string; clientId?: string }): AsyncGenerator<Grant, void, undefined> {
    const { subject, clientId } = options
    const filter = { now: this.#settings.now(), ...(clientId !== undefined && { clientId }) }
    const hashes = this.#ring.subjectHashes(subject)
    const toListed = this.#toListed()
    const list = (page: Page) => reportOutages(this.#events, () => this.#listBySubject(hashes, filter, page))
    for await (const page of everyPage(readAtOnce, list)) {
      for (const record of page.grants) {
        const grant = await toListed(record)
        if (grant.status === 'active') yield grant
      }
    }
  }

  page(options: GrantsPageOptions): Promise<GrantsPage> {
    const store = { listBySubject: this.#listBySubject.bind(this) }
    return pageOfGrants(store, this.#ring, options, this.#settings.now(), this.#toListed())
  }

  /** Of records that the storage cannot read nothing but their ids is known: that they are not listed is a fault. */
  async #listBySubject(...call: Parameters<GrantStore['listBySubject']>): Promise<GrantPage> {
    const page = await this.#store.listBySubject(...call)
    const { unreadable: { length: count } = [] } = page
    if (count > 0) {
      const error = new StorageError(`${count} grant records are damaged and could not be listed.`)
      this.#events.emit('request.failed', { phase: 'storage', error })
    }
    return page
  }

  /** A record that does not open does not hide the others. The first of a list raises `request.failed`. */
  #toListed(): (record: GrantRecord) => Promise<Grant> {
    const ends = this.#clientEnds.each()
    let isReported = false
    return async (record) => {
      const notBefore = await ends.of(record.clientId)
      try {
        return toGrant(this.#ring, this.#settings, record, unsealForOnce(this.#ring, record), notBefore)
      } catch (error) {
        if (!isReported) this.#events.emit('request.failed', { phase: 'storage', error })
        isReported = true
        return { ...toGrant(this.#ring, this.#settings, record, undefined, notBefore), unreadable: true }
      }
    }
  }
}
