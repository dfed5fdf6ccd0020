import { createClient } from '@oauth-ratchet/client'
import type { ClientOptions } from '@oauth-ratchet/client'

/** The program of a page whose server is of another origin: a client with the options that stand in the page. */
const options = JSON.parse(document.getElementById('options')?.textContent ?? '') as ClientOptions
const client = createClient(options)
const events: string[] = []
for (const name of ['refreshed', 'adopted', 'retrying', 'signed-out'] as const) {
  client.on(name, (event) => {
    const { reason, from } = event as { reason?: string; from?: string }
    events.push([name, reason ?? from].filter(Boolean).join(' '))
  })
}
const ask = (): Promise<number | string> =>
  client.fetch('/api/notes').then(
    ({ status }) => status,
    (error: unknown) => String(error),
  )

Object.assign(globalThis, { client, events, ask })
