import type { DemoEvent } from './demo-event.js'

/** What the demo's tabs tell each other. Tokens are not in it: those are the client's to hand over. */
export type Message =
  | { readonly kind: 'events'; readonly events: readonly DemoEvent[] }
  /** Refresh now, if this is still the newest generation. */
  | { readonly kind: 'refresh'; readonly generation: number }

export interface DemoChannel {
  readonly tell: (message: Message) => void
  readonly hear: (listener: (message: Message) => void) => void
}

export function demoChannel(): DemoChannel {
  const channel = new BroadcastChannel('oauth-ratchet-demo')
  return {
    // oxlint-disable-next-line unicorn/require-post-message-target-origin -- a channel's, not a window's
    tell: (message) => channel.postMessage(message),
    hear: (listener) =>
      channel.addEventListener('message', ({ data }: MessageEvent<Message>) => listener(data)),
  }
}
