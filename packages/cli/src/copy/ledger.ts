import { createHash } from 'node:crypto'

import { grantRecord } from '@oauth-ratchet/core'
import type { ClientRecord, GrantRecord, ValueRecord } from '@oauth-ratchet/core'

/** One thing that a storage keeps, in whichever of its three parts. */
export type Entry =
  | { readonly part: 'grant'; readonly record: GrantRecord }
  | { readonly part: 'value'; readonly record: ValueRecord }
  | { readonly part: 'client'; readonly record: ClientRecord }

/** What there is of each kind. Tombstones stand in for grants that were revoked before they came to be. */
export interface Counts {
  readonly live: number
  /** Authorization codes that are not redeemed yet. */
  readonly codes: number
  readonly revoked: number
  readonly tombstones: number
  readonly clients: number
  readonly marks: number
  readonly values: number
}

export type Kind = keyof Counts

interface Line {
  readonly digest: string
  readonly expiresAt: number
}

/** What was copied: of each entry its name, a digest of it and when it expires. Some 200 bytes an entry. */
export class Ledger {
  readonly #lines = new Map<string, Line>()
  readonly #counts: Record<Kind, number> = {
    live: 0,
    codes: 0,
    revoked: 0,
    tombstones: 0,
    clients: 0,
    marks: 0,
    values: 0,
  }

  get counts(): Counts {
    return { ...this.#counts }
  }

  get size(): number {
    return this.#lines.size
  }

  has(entry: Entry): boolean {
    return this.#lines.has(nameOf(entry))
  }

  add(entry: Entry): void {
    this.#counts[kindOf(entry)] += 1
    this.#lines.set(nameOf(entry), { digest: digestOf(entry), expiresAt: expiryOf(entry) })
  }

  /** Whether the entry is in here as it is. */
  agreesOn(entry: Entry): boolean {
    return this.#lines.get(nameOf(entry))?.digest === digestOf(entry)
  }

  /** How many that have not expired at this time are not among the names. */
  missingFrom(names: ReadonlySet<string>, now: number): number {
    let missing = 0
    for (const [name, { expiresAt }] of this.#lines) if (expiresAt > now && !names.has(name)) missing += 1
    return missing
  }
}

export function nameOf({ part, record }: Entry): string {
  return part === 'value' ? `${record.kind} ${record.key}` : `${part} ${record.id}`
}

export function kindOf({ part, record }: Entry): Kind {
  if (part === 'client') return 'clients'
  if (part === 'value') return record.kind === 'mark' ? 'marks' : 'values'
  if (record.clientId === '') return 'tombstones'
  if (record.revoked !== undefined) return 'revoked'
  return record.generation === 0 ? 'codes' : 'live'
}

/** Clients do not expire. */
export function expiryOf({ part, record }: Entry): number {
  return part === 'client' ? Number.POSITIVE_INFINITY : record.expiresAt
}

/** The same for equal entries, whichever storage they were read from. */
function digestOf({ part, record }: Entry): string {
  const normal = part === 'grant' ? grantRecord(record) : record
  const text = JSON.stringify(normal, (_name, value: unknown) => inOrder(value))
  return createHash('sha256').update(text).digest('base64').slice(0, 22)
}

function inOrder(value: unknown): unknown {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return value
  return Object.fromEntries(Object.entries(value).toSorted(([one], [other]) => (one < other ? -1 : 1)))
}
