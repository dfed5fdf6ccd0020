import { isNewer } from './session-state.js'
import type { SessionState } from './session-state.js'

type Message =
  | { readonly kind: 'tokens'; readonly state: SessionState }
  | { readonly kind: 'ask'; readonly id: string; readonly turn: number }
  | { readonly kind: 'signed-out'; readonly id: string; readonly reason: SignedOutReason }

/** Why a session is over; see `ClientEvents`. */
export type SignedOutReason = 'expired' | 'reuse' | 'revoked' | 'user'

/** The other tabs of the same client at the same origin. */
export interface Siblings {
  /** Hands new tokens to them. */
  readonly tell: (state: SessionState) => void
  readonly tellSignedOut: (id: string, reason: SignedOutReason) => void
  /** Asks for tokens of the session that are newer than `turn`; undefined when none has come in time. */
  readonly ask: (id: string, turn: number, timeoutMs: number) => Promise<SessionState | undefined>
  /** Neither hears nor answers until `open`. */
  readonly close: () => void
  readonly open: () => void
}

export interface SiblingsOptions {
  readonly name: string
  readonly current: () => SessionState | undefined
  readonly onTokens: (state: SessionState) => void
  readonly onSignedOut: (id: string, reason: SignedOutReason) => void
}

/** Over a BroadcastChannel, which only pages of this origin hear; where there is none, nobody hears and nobody answers. */
export function siblings({ name, current, onTokens, onSignedOut }: SiblingsOptions): Siblings {
  let heard: ((state: SessionState) => void) | undefined
  let channel: BroadcastChannel | undefined
  // oxlint-disable-next-line unicorn/require-post-message-target-origin -- a channel's, not a window's
  const post = (message: Message): void => channel?.postMessage(message)
  const hear = ({ data }: MessageEvent<Message>): void => {
    if (data.kind === 'tokens') {
      onTokens(data.state)
      heard?.(data.state)
    } else if (data.kind === 'signed-out') {
      onSignedOut(data.id, data.reason)
    } else {
      const state = current()
      if (isNewer(state, data) && state.accessToken !== '') post({ kind: 'tokens', state })
    }
  }
  const open = (): void => {
    if (typeof BroadcastChannel === 'undefined') return
    channel = new BroadcastChannel(name)
    // In Node it keeps the process alive otherwise.
    ;(channel as { unref?: () => void }).unref?.()
    channel.addEventListener('message', hear)
  }
  open()
  return {
    open,
    tell: (state) => post({ kind: 'tokens', state }),
    tellSignedOut: (id, reason) => post({ kind: 'signed-out', id, reason }),
    // One at a time: whoever asks holds the lock, or is the page's only refresh.
    ask: (id, turn, timeoutMs) =>
      new Promise((resolve) => {
        const timer = setTimeout(resolve, channel === undefined ? 0 : timeoutMs)
        heard = (state) => {
          if (!isNewer(state, { id, turn })) return
          clearTimeout(timer)
          resolve(state)
        }
        post({ kind: 'ask', id, turn })
      }),
    close() {
      channel?.close()
      channel = undefined
    },
  }
}
