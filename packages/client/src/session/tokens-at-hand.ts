import type { Emitter } from '../events.js'
import type { Lock } from '../locks/lock.js'
import type { Store } from '../stores/store.js'
import { isNewer, parseState } from './session-state.js'
import type { SessionState } from './session-state.js'
import { siblings } from './siblings.js'
import type { SignedOutReason, Siblings } from './siblings.js'
import type { TokenClock } from './token-clock.js'

/** What this page knows of the session: its memory, the store behind it, and what other tabs say. */
export interface TokensAtHand {
  readonly others: Siblings
  /** What this page has, without looking at the store. */
  readonly known: () => SessionState | undefined
  /** The session as it is now, a sibling's newer tokens included; undefined when there is none any more. */
  readonly current: () => Promise<SessionState | undefined>
  readonly read: () => Promise<SessionState | undefined>
  readonly write: (state: SessionState) => Promise<void>
  /** Puts tokens that have just come from the server into memory. */
  readonly keep: (state: SessionState) => void
  /** Notes that the session has another refresh token, in the cookie, which this key is for. */
  readonly spend: (state: SessionState, key: string) => Promise<void>
  /** Takes over tokens that a sibling got. */
  readonly take: (state: SessionState) => Promise<void>
  /** Removes the session's entry, and not a newer sign-in's. */
  readonly remove: (id: string) => Promise<void>
  /** Whether a sibling has, and can hand over, tokens of a later turn than this; undefined where that cannot be known. */
  readonly isBehind: (id: string, turn: number) => Promise<boolean | undefined>
  /** Hears and holds nothing, as a page in the back-forward cache must; and begins anew with what has happened meanwhile. */
  readonly pause: () => void
  readonly resume: () => Promise<void>
  /** The session is over for this page. */
  readonly end: (state: SessionState, reason: SignedOutReason) => void
}

export function tokensAtHand(options: {
  readonly name: string
  readonly store: Store
  readonly lock: Lock
  readonly clock: TokenClock
  readonly emit: Emitter['emit']
}): TokensAtHand {
  const { name, store, lock, clock, emit } = options
  const shared = store.shared !== false
  let memory: SessionState | undefined

  const others = siblings({
    name,
    current: () => memory,
    onTokens(state) {
      if (memory?.id === state.id) {
        if (isNewer(state, memory)) void take(state)
      } else if (shared) void takeIfStored(state)
    },
    onSignedOut(id, reason) {
      if (memory?.id === id) end(memory, reason)
      else if (!shared) void remove(id)
    },
  })

  function remember(state: SessionState | undefined): void {
    memory = state
    lock.announce?.(
      state === undefined || state.accessToken === '' ? undefined : `${name}#${state.id}:${state.turn}`,
    )
  }

  async function read(): Promise<SessionState | undefined> {
    return parseState(await store.get())
  }

  async function write(state: SessionState): Promise<void> {
    // With the refresh token in a cookie the store has everything but tokens.
    await store.set(JSON.stringify(state.refreshToken === '' ? { ...state, accessToken: '' } : state))
  }

  async function remove(id: string): Promise<void> {
    if ((await read())?.id === id) await store.remove()
  }

  async function take(state: SessionState): Promise<void> {
    // Without the monotonic clock: how long ago the sibling got them is not known here.
    remember(state)
    emit('adopted', { from: 'sibling', scope: state.scope })
    if (!shared) await write(state)
  }

  /** A sign-in in another tab. */
  async function takeIfStored(state: SessionState): Promise<void> {
    if ((await read())?.id === state.id) await take(state)
  }

  function end(state: SessionState, reason: SignedOutReason): void {
    remember(undefined)
    if (!shared) void remove(state.id)
    // Of a session that was only looked for (cookie mode, after a reload) there is nothing to say.
    if (state.lifetime > 0) emit('signed-out', { reason })
  }

  async function current(): Promise<SessionState | undefined> {
    const stored = await read()
    if (!stored || stored.ended) {
      if (memory !== undefined) end(memory, 'user')
      return undefined
    }
    if (memory?.id === stored.id && memory.turn >= stored.turn) return memory
    const before = memory
    remember(stored)
    if (before !== undefined && stored.accessToken !== '')
      emit('adopted', { from: 'sibling', scope: stored.scope })
    return stored
  }

  return {
    others,
    known: () => memory,
    read,
    write,
    take,
    remove,
    end,
    keep(state) {
      remember(state)
      clock.received(state)
    },
    async spend(state, key) {
      const next = { ...state, turn: state.turn + 1, key }
      if ((await current())?.id !== state.id) return
      remember(next)
      await write(next)
    },
    current,
    async isBehind(id, turn) {
      const prefix = `${name}#${id}:`
      const names = await lock.announced?.(prefix)
      return names?.some((announced) => Number(announced.slice(prefix.length)) > turn)
    },
    pause() {
      others.close()
      lock.announce?.(undefined)
    },
    async resume() {
      others.open()
      remember(memory)
      await current()
    },
  }
}
