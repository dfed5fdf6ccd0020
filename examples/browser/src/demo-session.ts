import { ClientError, createClient } from '@oauth-ratchet/client'
import type { Client } from '@oauth-ratchet/client'
import { chainOf } from './chain.js'
import type { DemoChannel } from './demo-channel.js'
import { demoNetwork } from './demo-network.js'
import type { DemoNetwork, Exchange } from './demo-network.js'
import type { EventLog } from './event-log.js'
import { findRefreshToken, readToken } from './token-reading.js'
import type { TokenReading } from './token-reading.js'

/** A message has this long to reach the other tab, so that both begin at the same moment. */
const headStartMs = 20

/** The newest refresh token, which the browser keeps for all tabs; undefined when nobody is signed in. */
export function current(): TokenReading | undefined {
  const token = findRefreshToken(localStorage)
  return token === undefined ? undefined : readToken(token)
}

/** Who is signed in, and what can be done with their tokens. What happens is in the log. */
export interface DemoSession {
  readonly client: Client
  readonly network: DemoNetwork
  readonly refresh: () => Promise<void>
  readonly refreshInAllTabs: () => Promise<void>
  readonly call: (request: string, init?: RequestInit) => Promise<string>
  /** Does again what failed for want of a network. */
  readonly resume: () => Promise<void>
}

export function demoSession(options: {
  readonly issuer: string
  readonly clientId: string
  readonly redirectUri: string
  readonly tab: number
  readonly log: EventLog
  readonly channel: DemoChannel
}): DemoSession {
  const { issuer, clientId, redirectUri, tab, log, channel } = options
  let gaveUp = false
  const network = demoNetwork(note)
  const client = createClient({
    issuer,
    clientId,
    redirectUri,
    store: 'localStorage',
    fetch: network.fetch,
  })

  function note({ spent, outcome, expiresInMs }: Exchange): void {
    const { grant, generation: from } = spent
    const expiresAt = Date.now() + expiresInMs
    if (outcome === 'refused') return log.add({ kind: 'refused', from, by: 'owner' }, { grant })
    if (from === 0) return log.add({ kind: 'begun', expiresAt }, { grant })
    const before = log.events().some((event) => event.kind === 'turned' && event.from === from)
    if (before) return log.add({ kind: 'repeated', from, expiresAt }, { grant })
    log.add({ kind: 'turned', from, by: 'owner', expiresAt, lost: outcome === 'lost' }, { grant })
  }

  client.on('retrying', ({ delayMs }) => log.add({ kind: 'retrying', delayMs }))
  client.on('adopted', ({ from }) => {
    if (from !== 'sibling') return
    const grant = log.events().at(-1)?.grant ?? ''
    const generation = newest()
    log.add({ kind: 'adopted', generation }, { grant, id: `${grant}:${generation}:adopted:${tab}` })
  })
  client.on('signed-out', ({ reason }) => {
    const grant = log.events().at(-1)?.grant ?? ''
    log.add({ kind: 'signed-out', reason }, { grant, id: `${grant}:signed-out:${tab}` })
  })
  channel.hear((message) => {
    if (message.kind === 'refresh') void refreshFrom(message.generation)
  })

  /**
   * The newest generation that any tab knows of. The log is asked, and not the store: a browser may show a tab what
   * another has written a moment later than it delivers its messages.
   */
  function newest(): number {
    return chainOf(log.events()).links.length - 1
  }

  /** Spends this generation, unless that has been done: by another tab, or just now, as the access token had expired. */
  async function refreshFrom(generation: number): Promise<void> {
    await keepTrying(async () => {
      const token = await client.getAccessToken()
      if (token === undefined || newest() !== generation) return
      await client.getAccessToken({ rejected: token })
    })
  }

  /** A session that cannot be renewed now is kept: nothing is wrong with it. */
  async function keepTrying<T>(work: () => Promise<T>): Promise<T | undefined> {
    try {
      const result = await work()
      gaveUp = false
      return result
    } catch (error) {
      if (!(error instanceof ClientError || error instanceof TypeError)) throw error
      gaveUp = true
      log.add({ kind: 'gave-up' })
      return undefined
    }
  }

  return {
    client,
    network,
    refresh: () => refreshFrom(newest()),
    async refreshInAllTabs() {
      const generation = newest()
      log.add({ kind: 'together', generation })
      channel.tell({ kind: 'refresh', generation })
      await new Promise((resolve) => setTimeout(resolve, headStartMs))
      await refreshFrom(generation)
    },
    async call(request, init) {
      const [method = 'GET', path = ''] = request.split(' ')
      const response = await keepTrying(() => client.fetch(`..${path}`, { ...init, method }))
      if (response === undefined) return 'No answer: there is no network. The session is kept.'
      log.add({ kind: 'called', request, status: response.status })
      return `${response.status} ${response.statusText}\n${JSON.stringify(await response.json(), undefined, 2)}`
    },
    async resume() {
      if (gaveUp) await refreshFrom(newest())
    },
  }
}
