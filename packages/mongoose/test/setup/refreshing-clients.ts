import { waitUntil } from '@oauth-ratchet/engines'

import type { Answer, App } from './app.js'

/** How long an outage may last before a client gives up, and with it the test. */
const PATIENCE = { timeoutMs: 90_000, everyMs: 25 }

/** A client as it should be: it repeats a request that met an outage, under the same idempotency key. */
export class RefreshingClient {
  /** How many refreshes were answered. */
  turns = 0
  /** How often it was told of an outage. */
  outages = 0
  /** Answers that were neither tokens nor an outage. */
  readonly refusals: Answer[] = []
  #token: string

  constructor(
    readonly subject: string,
    firstToken: string,
  ) {
    this.#token = firstToken
  }

  /** One refresh, asked for until it is answered. */
  async refresh(app: App): Promise<void> {
    const key = `request ${this.turns}`
    await waitUntil(
      'the refresh is answered',
      async () => {
        const answer = await app.refresh(this.#token, key)
        if ('refreshToken' in answer) this.#token = answer.refreshToken
        else if (answer.status === 503) {
          this.outages += 1
          return false
        } else this.refusals.push(answer)
        return true
      },
      PATIENCE,
    )
    this.turns += 1
  }
}

export async function signInClients(app: App, count: number): Promise<RefreshingClient[]> {
  const subjects = Array.from({ length: count }, (_, index) => `user ${index}`)
  return Promise.all(
    subjects.map(async (subject) => new RefreshingClient(subject, await app.signIn(subject))),
  )
}

/** Has every client refresh without a pause while the work is done, and once more when it is done. */
export async function refreshDuring(
  app: App,
  clients: readonly RefreshingClient[],
  work: () => Promise<void>,
): Promise<void> {
  const state = { over: false }
  const storm = clients.map(async (client) => {
    while (!state.over && client.refusals.length === 0) await client.refresh(app)
    await client.refresh(app)
  })
  try {
    await work()
  } finally {
    state.over = true
    await Promise.all(storm)
  }
}

/** Each answered refresh turned its grant once, no other did, and nobody was taken for a thief. */
export async function expectNothingLost(app: App, clients: readonly RefreshingClient[]): Promise<void> {
  expect(clients.flatMap(({ refusals }) => refusals)).toEqual([])
  expect(app.alarms).toEqual([])
  for (const { subject, turns } of clients) {
    const grants = await app.server.grants.list({ subject })
    expect(grants).toHaveLength(1)
    expect((await app.storage.grants.find(grants[0]?.id ?? ''))?.generation).toBe(1 + turns)
  }
}
