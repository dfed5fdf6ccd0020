import type { Page } from './storage.js'

/** Reads a listing page by page, to its end. */
export async function* everyPage<Listed extends { readonly cursor?: string }>(
  limit: number,
  list: (page: Page) => Promise<Listed>,
): AsyncGenerator<Listed, void, undefined> {
  let cursor: string | undefined
  do {
    const listed: Listed = await list(cursor === undefined ? { limit } : { limit, cursor })
    yield listed
    cursor = listed.cursor
  } while (cursor !== undefined)
}
