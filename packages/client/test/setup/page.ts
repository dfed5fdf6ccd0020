import { createClient } from '@oauth-ratchet/client'
import type { TokenResponse } from '@oauth-ratchet/client'
import { observe } from './observed-client.js'

/** The program of a page under test: a client with the options of its URL, and what it has raised. */
const options = JSON.parse(new URLSearchParams(location.search).get('options') ?? '{}') as object
const client = createClient({
  issuer: location.origin,
  clientId: 'app',
  redirectUri: `${location.origin}/page`,
  ...options,
})
const { events, ask } = observe(client)

/** Signs in with the app's own login route; in cookie mode its cookie must not come while another tab refreshes. */
const logIn = (): Promise<void> =>
  client.adopt(async () => (await fetch('/login', { method: 'POST' })).json() as Promise<TokenResponse>)

const channel = new BroadcastChannel('storm')
const finished: number[] = []
let wake: (() => void) | undefined
const finish = (round: number): void => {
  finished[round] = (finished[round] ?? 0) + 1
  wake?.()
}
channel.addEventListener('message', ({ data }) => finish(data as number))

/** Requests of the API, round after round, each begun when all tabs have finished the one before: how often each status came. */
async function storm(tabs: number, rounds: number): Promise<Record<string, number>> {
  const statuses: Record<string, number> = {}
  for (let round = 0; round < rounds; round++) {
    const status = await ask()
    statuses[status] = (statuses[status] ?? 0) + 1
    finish(round)
    // oxlint-disable-next-line unicorn/require-post-message-target-origin -- a channel's, not a window's
    channel.postMessage(round)
    while ((finished[round] ?? 0) < tabs) {
      await new Promise<void>((resolve) => {
        wake = resolve
      })
    }
  }
  return statuses
}

Object.assign(globalThis, { client, events, ask, logIn, storm })
