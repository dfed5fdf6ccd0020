import type { Connection } from './connection.js'
import { indexPage } from './scripts.js'

/** Entries of an index in their order, those after the one named. */
export async function entriesAfter(
  connection: Connection,
  key: string,
  after: string,
  limit: number,
): Promise<string[]> {
  const entries = (await connection.run(indexPage, [key], [after, String(limit)])) as Buffer[]
  return entries.map((entry) => entry.toString())
}
