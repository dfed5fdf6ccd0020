import { setImmediate as nextTurn } from 'node:timers/promises'

import type { Page } from './storage.js'

/**
 * How many records one storage call reads at most, and how many grants one ends. However many a subject has, nobody else
 * waits for more than these: an embedded storage stands still for a whole page, Redis runs the scripts of a page before
 * what comes after them, and what a page answers is opened in one turn of the event loop. `readAtOnce` is more than the
 * default of `maxPerSubjectAndClient`, so that a sign-in lists in one call.
 */
export const readAtOnce = 64
export const endedAtOnce = 20

/**
 * Reads a listing page by page, to its end. Between two pages the event loop gets a turn: an embedded storage answers
 * without one, and a long walk would keep every request waiting.
 *
 * @param limit `readAtOnce` or `endedAtOnce`
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
