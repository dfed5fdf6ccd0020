import { isListed } from '@oauth-ratchet/core'
import type { GrantPage, ListFilter, Page, RevokeFilter, ScanFilter } from '@oauth-ratchet/core'

import type { Connection } from './connection.js'
import { endingOf, filterOfEntries } from './index-entry.js'
import type { Keys } from './keys.js'
import { leadsNowhere } from './leads-nowhere.js'
import { packStrings } from './packed-strings.js'
import { scanKeys } from './scan-keys.js'
import { numberArgument } from './script-arguments.js'
import { grantRevokeListed } from './scripts.js'
import { isUnreadable } from './stored-grants.js'
import type { StoredGrants } from './stored-grants.js'
import type { SubjectIndex } from './subject-index.js'

/** Many grants, page by page: those of a subject by its index, or all there are. */
export class GrantPages {
  readonly #connection: Connection
  readonly #keys: Keys
  readonly #stored: StoredGrants
  readonly #index: SubjectIndex

  constructor(parts: { connection: Connection; keys: Keys; stored: StoredGrants; index: SubjectIndex }) {
    this.#connection = parts.connection
    this.#keys = parts.keys
    this.#stored = parts.stored
    this.#index = parts.index
  }

  async listBySubject(hashes: readonly string[], filter: ListFilter, page: Page): Promise<GrantPage> {
    const under = [...new Set(hashes)]
    const deadline = this.#connection.deadline()
    const { pending = false, clientId } = filter
    // Entries of all grants end with their session's mark, so that those of a client are not distinguished there.
    const ending = clientId === undefined || pending ? undefined : endingOf(clientId)
    const list = pending ? 'all' : 'redeemed'
    const { grants: indexed, ...rest } = await this.#index.page(list, under, page, deadline, ending)
    const unreadable: string[] = []
    const answers = await Promise.all(
      indexed.map(async (entry) => {
        try {
          return { entry, grant: await this.#stored.find(entry.id, deadline) }
        } catch (error) {
          if (!isUnreadable(error)) throw error
          unreadable.push(entry.id)
          return []
        }
      }),
    )
    const found = answers.flat()
    const ended = found.filter(({ entry, grant }) => leadsNowhere(entry, grant, filter.now))
    await this.#index.forget(
      under,
      ended.map(({ entry }) => entry),
      // Those of the list of all stay for a walk that is run again, as below.
      pending ? ['redeemed'] : undefined,
    )
    const grants = found.flatMap(({ grant }) => grant ?? [])
    return {
      ...rest,
      grants: grants.filter((grant) => under.includes(grant.subjectHash) && isListed(grant, filter)),
      ...(unreadable.length > 0 && { unreadable }),
    }
  }

  async revokeBySubject(hashes: readonly string[], filter: RevokeFilter, page: Page): Promise<GrantPage> {
    const under = [...new Set(hashes)]
    const deadline = this.#connection.deadline()
    const { grants: indexed, ...rest } = await this.#index.page('all', under, page, deadline)
    // By the entry alone: what is just being created, and is not selected, must not meet a tombstone.
    const selected = indexed.filter(filterOfEntries(filter))
    const parameters = [
      numberArgument(filter.at),
      numberArgument(filter.keepUntil),
      packStrings([filter.reason, filter.by, filter.clientId, filter.sessionHash]),
      packStrings(under),
      packStrings(filter.exceptSessions ?? []),
    ]
    const answers = await Promise.all(
      selected.map(async (entry) => ({
        entry,
        ...(await this.#stored.ask(grantRevokeListed, entry.id, parameters, deadline)),
      })),
    )
    // The entries of what this call ended stay in this list for a reader to come: run again, it answers the same.
    const ended = answers.filter(({ hasAnswered, done }) => hasAnswered && !done)
    const endedNow = answers.filter(({ done }) => done)
    await Promise.all([
      this.#index.forget(
        under,
        ended.map(({ entry }) => entry),
      ),
      this.#index.forget(
        under,
        endedNow.map(({ entry }) => entry),
        ['redeemed'],
      ),
    ])
    return { ...rest, grants: answers.flatMap(({ done, grant }) => (done && grant) || []) }
  }

  async scan(page: Page, { clientId }: ScanFilter = {}): Promise<GrantPage> {
    const deadline = this.#connection.deadline()
    const keyPrefix = this.#connection.driver.options.keyPrefix ?? ''
    const over = { listing: 'grants', pattern: this.#keys.grantPattern(keyPrefix) } as const
    const { keys, ...rest } = await scanKeys(this.#connection, over, page, deadline)
    const ids = keys.map((key) => this.#keys.grantId(key, keyPrefix))
    const unreadable: string[] = []
    const found = await Promise.all(
      ids.map(async (id) => {
        try {
          if (clientId === undefined) return await this.#stored.find(id, deadline)
          return await this.#stored.findOfClient(id, clientId, deadline)
        } catch (error) {
          if (!isUnreadable(error)) throw error
          unreadable.push(id)
          return undefined
        }
      }),
    )
    const grants = found.flatMap((grant) => grant ?? [])
    return { ...rest, grants, ...(unreadable.length > 0 && { unreadable }) }
  }
}
