import type { Connection, Deadline } from './connection.js'
import { indexPage } from './scripts.js'

/** Entries of an index in their order, those after the one named. */
export async function entriesAfter(
  connection: Connection,
  key: string,
  after: string,
  limit: number,
  deadline: Deadline,
): Promise<string[]> {
  const entries = (await connection.run(indexPage, [key], [after, String(limit)], deadline)) as Buffer[]
  return entries.map((entry) => entry.toString())
}
