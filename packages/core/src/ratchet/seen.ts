import type { SessionDetail } from '../options/options.js'
import type { GrantRecord } from '../storage/storage.js'
import { sealText, unsealText } from './sealing.js'
import type { KeyRing } from './secrets.js'

/** Where somebody was: what a request of their own device tells, or what the app knows. */
export interface SeenFrom {
  readonly userAgent?: string
  readonly remoteAddress?: string
}

/** Both come from whoever sends the request, and go into every record of the grant. */
const mostCharacters: Readonly<Record<keyof SeenFrom, number>> = { userAgent: 512, remoteAddress: 64 }

/** What is kept of where somebody was, by the option `sessions.keep`; undefined where that is nothing. */
export function keptOf(
  keep: ReadonlySet<SessionDetail>,
  from: { readonly [Name in keyof SeenFrom]?: SeenFrom[Name] | undefined },
): SeenFrom | undefined {
  const kept: { -readonly [Name in keyof SeenFrom]?: SeenFrom[Name] } = {}
  for (const name of ['userAgent', 'remoteAddress'] as const) {
    const value = from[name]
    if (value !== undefined && value !== '' && keep.has(name))
      kept[name] = value.slice(0, mostCharacters[name])
  }
  return kept.userAgent === undefined && kept.remoteAddress === undefined ? undefined : kept
}

/** Seals it for one grant, under the current secret. Costs a key derivation and an encryption, and no storage call. */
export function sealSeen(ring: KeyRing, grantId: string, from: SeenFrom): string {
  return sealText(ring.current, nameOf(grantId), JSON.stringify(from))
}

/** Where the grant was last used from. Undefined too where it does not open: it is for people to read, and decides nothing. */
export function openSeen(ring: KeyRing, { id, seen }: GrantRecord): SeenFrom | undefined {
  if (seen === undefined || seen === '') return undefined
  try {
    const json = unsealText(ring, nameOf(id), seen)
    return json === undefined ? undefined : (JSON.parse(json) as SeenFrom)
  } catch {
    return undefined
  }
}

// Not the name that the facts are sealed under: neither string of a record opens in the other's place.
function nameOf(grantId: string): string {
  return `${grantId} seen`
}
