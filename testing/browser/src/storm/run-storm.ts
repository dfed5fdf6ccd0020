import { launchBrowser } from '../launch-browser.js'
import { STORM_CLIENTS } from './storm-clients.js'
import type { StormClientName } from './storm-clients.js'
import { STORM_PARTS } from './storm-parts.js'
import type { StormPart } from './storm-parts.js'
import { startStormServer, STORM_CLIENT_IDS } from './storm-server.js'
import { runSession, sumOf } from './storm-session.js'
import type { StormCount } from './storm-session.js'

export interface StormOptions {
  readonly clients: readonly StormClientName[]
  /** Default: all of them. */
  readonly parts?: readonly StormPart[]
  /** Sessions for each client and part. */
  readonly sessions: number
  /** Times that each session's access tokens expire. */
  readonly rounds: number
  readonly progress?: (line: string) => void
}

export interface StormResult {
  readonly client: StormClientName
  readonly part: string
  readonly strict: StormCount
  readonly grace: StormCount
}

/** Takes the clients through every part, against the server's defaults and with a grace; part by part, client by client. */
export async function runStorm({
  clients,
  parts = STORM_PARTS,
  sessions,
  rounds,
  progress,
}: StormOptions): Promise<{ readonly results: readonly StormResult[]; readonly chromium: string }> {
  const browser = await launchBrowser()
  const server = await startStormServer()
  try {
    const results: StormResult[] = []
    for (const part of parts) {
      for (const client of clients) {
        const run = async (clientId: string): Promise<StormCount> => {
          const counts: StormCount[] = []
          for (let count = 0; count < sessions; count++)
            counts.push(await runSession(browser, server, client, clientId, part, rounds))
          return sumOf(counts)
        }
        const strict = await run(STORM_CLIENT_IDS.strict)
        const grace = await run(STORM_CLIENT_IDS.grace)
        results.push({ client, part: part.name, strict, grace })
        progress?.(
          `${part.name}: ${STORM_CLIENTS[client].name}: signed out ${strict.signedOut} of ${strict.sessions}, ` +
            `with a grace ${grace.signedOut} of ${grace.sessions}`,
        )
      }
    }
    return { results, chromium: browser.version() }
  } finally {
    await server.close()
    await browser.close()
  }
}
