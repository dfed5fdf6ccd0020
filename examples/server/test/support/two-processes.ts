import { setTimeout as delay } from 'node:timers/promises'
import { ServerProcess } from './server-process.js'
import { refresh } from './tokens.js'
import type { Answer } from './tokens.js'

/** Two server processes on one store, which call themselves the same issuer. */
export async function twoProcesses(folder: string, environment: Readonly<Record<string, string>>) {
  const both = { ISSUER: 'http://127.0.0.1:1', ...environment }
  const servers = await Promise.all([1, 2].map(() => ServerProcess.start(both, folder)))
  const [one, two] = servers as [ServerProcess, ServerProcess]
  return {
    one,
    two,
    secret: one.secretOf('trusted'),
    stop: () => Promise.all(servers.map((server) => server.stop())),
  }
}

/** How often a use is tried that meets an outage: for so many seconds at the least. */
const PATIENCE = 20

/**
 * Uses one refresh token so many times at once, in turn at one process and the other. A use that meets an outage is
 * tried again: a 503 is no verdict and consumes nothing, and where the disk is slow the store may well be busy.
 */
export function inParallel(
  servers: readonly ServerProcess[],
  secret: string,
  token: string,
  times: number,
): Promise<Answer[]> {
  const uses = Array.from({ length: times }, (_, index) => {
    const url = servers[index % servers.length]?.url ?? ''
    return untilAnswered(() => refresh(url, secret, token))
  })
  return Promise.all(uses)
}

/** Asks until the answer is no outage, as often as is to be expected of a client, and when it is told to. */
export async function untilAnswered(ask: () => Promise<Answer>): Promise<Answer> {
  for (let attempt = 1; ; attempt++) {
    const answer = await ask()
    if (answer.status !== 503 || attempt === PATIENCE) return answer
    await delay(1000 * Number(answer.headers.get('retry-after')))
  }
}

/** What a server logged under this name. */
export function eventsOf(server: ServerProcess, name: string): Record<string, unknown>[] {
  const lines = server.stderr.split('\n').filter((line) => line.includes(`"msg":"${name}"`))
  return lines.map((line) => JSON.parse(line) as Record<string, unknown>)
}
