import type { Connection, Deadline } from './connection.js'
import { indexPage } from './scripts.js'

/** Bounds as `ZRANGEBYLEX` takes them. */
export interface Bounds {
  readonly from: string
  readonly to: string
}

export interface FoundEntries {
  readonly entries: readonly string[]
  /** The last entry that was looked at, behind which there may be more; undefined where there are none. */
  readonly reached?: string
}

/**
 * The first entries of an index between two bounds, in their order, a limited part of the index at a time.
 *
 * @param ending what the entries end with
 */
export async function entriesBetween(
  connection: Connection,
  key: string,
  { from, to }: Bounds,
  limit: number,
  deadline: Deadline,
  ending = '',
): Promise<FoundEntries> {
  const parameters = [from, to, String(limit), ending]
  const answer = await connection.run(indexPage, [key], parameters, deadline)
  const [last, found] = answer as [Buffer, readonly Buffer[]]
  const entries = found.map(String)
  return last.length === 0 ? { entries } : { entries, reached: String(last) }
}
