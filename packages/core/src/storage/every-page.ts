import { setImmediate as nextTurn } from 'node:timers/promises'

import type { Page } from './storage.js'

/**
 * Reads a listing page by page, to its end. Between two pages the event loop gets a turn: an embedded storage answers
 * without one, and a long walk would keep every request waiting.
 */
export async function* everyPage<Listed extends { readonly cursor?: string }>(
  limit: number,
  list: (page: Page) => Promise<Listed>,
): AsyncGenerator<Listed, void, undefined> {
  let cursor: string | undefined
  do {
    const listed: Listed = await list(cursor === undefined ? { limit } : { limit, cursor })
    yield listed
    cursor = listed.cursor
    if (cursor !== undefined) await nextTurn()
  } while (cursor !== undefined)
}
