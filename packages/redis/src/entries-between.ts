import type { Connection, Deadline } from './connection.js'
import { indexPage } from './scripts.js'

/** Bounds as `ZRANGEBYLEX` takes them. */
export interface Bounds {
  readonly from: string
  readonly to: string
}

/** The first entries of an index between two bounds, in their order. */
export async function entriesBetween(
  connection: Connection,
  key: string,
  { from, to }: Bounds,
  limit: number,
  deadline: Deadline,
): Promise<string[]> {
  const entries = (await connection.run(indexPage, [key], [from, to, String(limit)], deadline)) as Buffer[]
  return entries.map((entry) => entry.toString())
}
