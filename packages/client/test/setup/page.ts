import { createClient } from '@oauth-ratchet/client'

/** The program of a page under test: a client with the options of its URL, and what it has raised. */
const options = JSON.parse(new URLSearchParams(location.search).get('options') ?? '{}') as object
const client = createClient({
  issuer: location.origin,
  clientId: 'app',
  redirectUri: `${location.origin}/page`,
  ...options,
})
const events: string[] = []
for (const name of ['refreshed', 'adopted', 'retrying', 'signed-out'] as const) {
  client.on(name, (event) => {
    const { reason, from } = event as { reason?: string; from?: string }
    events.push([name, reason ?? from].filter(Boolean).join(' '))
  })
}
/** One request of the API: its status, or why there was none. */
const ask = (): Promise<number | string> =>
  client.fetch('/api/notes').then(
    ({ status }) => status,
    (error: unknown) => String(error),
  )

Object.assign(globalThis, { client, events, ask })
