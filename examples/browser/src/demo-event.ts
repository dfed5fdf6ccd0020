/** Who sent a request to the token endpoint. */
export type Sender = 'owner' | 'thief'

/** What happened, as the page that it happened in saw it. Never a token. */
export type Happening =
  /** The code was exchanged for generation 1. */
  | { readonly kind: 'begun'; readonly expiresAt: number }
  /** The page was loaded, and a token was there of which no event is known. */
  | { readonly kind: 'found'; readonly generation: number }
  /** Generation `from` was spent for the next one. `lost`: the answer did not reach the page. */
  | {
      readonly kind: 'turned'
      readonly from: number
      readonly by: Sender
      readonly expiresAt: number
      readonly lost?: boolean
    }
  /** Generation `from` was sent again with its key, and the answer was the same next one. */
  | { readonly kind: 'repeated'; readonly from: number; readonly expiresAt: number }
  /** The server answered `invalid_grant` to generation `from`. */
  | { readonly kind: 'refused'; readonly from: number; readonly by: Sender }
  /** A tab took over what another tab had refreshed. */
  | { readonly kind: 'adopted'; readonly generation: number }
  | { readonly kind: 'stolen'; readonly generation: number }
  | { readonly kind: 'together'; readonly generation: number }
  | { readonly kind: 'retrying'; readonly delayMs: number }
  | { readonly kind: 'gave-up' }
  | { readonly kind: 'offline' }
  | { readonly kind: 'online' }
  | { readonly kind: 'called'; readonly request: string; readonly status: number }
  | { readonly kind: 'signed-out'; readonly reason: string }

export type DemoEvent = Happening & {
  readonly id: string
  /** ms since the epoch, by this device's clock, which all tabs share. */
  readonly at: number
  readonly tab: number
  readonly grant: string
}

const most = 400

/**
 * Two tabs' logs as one: every event once, in order of time, of the newest grant only. The same whichever log comes first,
 * so that tabs which tell each other their logs end with the same one.
 */
export function mergeEvents(one: readonly DemoEvent[], other: readonly DemoEvent[]): readonly DemoEvent[] {
  const all = [...new Map([...one, ...other].map((event) => [event.id, event])).values()].toSorted(
    (a, b) => a.at - b.at || (a.id < b.id ? -1 : 1),
  )
  const newest = all.findLast(({ kind }) => kind === 'begun' || kind === 'found')?.grant
  const ofGrant = all.filter(({ grant }) => newest === undefined || grant === newest)
  // What the picture is drawn from stays, however long the log gets.
  const removable = ofGrant.filter(
    ({ kind }) => kind === 'called' || kind === 'retrying' || kind === 'adopted',
  )
  const surplus = new Set(removable.slice(0, Math.max(0, ofGrant.length - most)))
  return ofGrant.filter((event) => !surplus.has(event))
}
