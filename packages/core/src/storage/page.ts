/**
 * Cuts a page out of what a storage found, and says where the next one begins. Look for `limit + 1` entries: the one
 * more tells whether there is a next page, and is not in this one.
 *
 * @param cursorOf the cursor after which the next page begins, made from the last entry of this one
 */
export function pageOf<Entry>(
  found: readonly Entry[],
  limit: number,
  cursorOf: (last: Entry) => string,
): { readonly entries: readonly Entry[]; readonly cursor?: string } {
  if (found.length <= limit) return { entries: found }
  const entries = found.slice(0, limit)
  const last = entries.at(-1)
  return last === undefined ? { entries } : { entries, cursor: cursorOf(last) }
}
