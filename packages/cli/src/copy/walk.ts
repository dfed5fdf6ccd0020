import { copyMarkerId } from '@oauth-ratchet/core'
import type { Page, Storage } from '@oauth-ratchet/core'

import type { Entry } from './ledger.js'

export interface EntryPage {
  readonly entries: readonly Entry[]
  /** Ids of grants that cannot be read. */
  readonly damaged: readonly string[]
}

const PAGE_SIZE = 500

/** Everything that a storage has but a copy's own marker, page by page: clients first, then marks and values, then grants. */
export async function* walk({
  clients,
  values,
  grants,
}: Storage): AsyncGenerator<EntryPage, void, undefined> {
  for await (const page of pages((at) => clients.list(at))) {
    const others = page.clients.filter(({ id }) => id !== copyMarkerId)
    yield { entries: others.map((record) => ({ part: 'client', record })), damaged: [] }
  }
  for await (const page of pages((at) => values.scan(at))) {
    yield { entries: page.values.map((record) => ({ part: 'value', record })), damaged: [] }
  }
  for await (const page of pages((at) => grants.scan(at))) {
    yield {
      entries: page.grants.map((record) => ({ part: 'grant', record })),
      damaged: page.unreadable ?? [],
    }
  }
}

async function* pages<Listed extends { readonly cursor?: string }>(
  list: (page: Page) => Promise<Listed>,
): AsyncGenerator<Listed, void, undefined> {
  let cursor: string | undefined
  do {
    const at: Page = cursor === undefined ? { limit: PAGE_SIZE } : { limit: PAGE_SIZE, cursor }
    const listed: Listed = await list(at)
    yield listed
    cursor = listed.cursor
  } while (cursor !== undefined)
}
