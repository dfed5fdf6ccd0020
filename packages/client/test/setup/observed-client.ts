import type { Client } from '@oauth-ratchet/client'

/** What the page of a test shows of its client: what it has raised, and one request of the API. */
export function observe(client: Client) {
  const events: string[] = []
  for (const name of ['refreshed', 'adopted', 'retrying', 'signed-out'] as const) {
    client.on(name, (event) => {
      const { reason, from } = event as { reason?: string; from?: string }
      events.push([name, reason ?? from].filter(Boolean).join(' '))
    })
  }
  /** Its status, or why there was none. */
  const ask = (): Promise<number | string> =>
    client.fetch('/api/notes').then(
      ({ status }) => status,
      (error: unknown) => String(error),
    )
  return { events, ask }
}
