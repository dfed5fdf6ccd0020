import { setTimeout as delay } from 'node:timers/promises'
import { ServerProcess } from './server-process.js'
import { callApi, passwordGrant, refresh, tokensOf } from './tokens.js'
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

/** 50 uses of one refresh token at once without a grace: one 200, and the replays that follow it end the grant. */
export async function expectOneWinner(one: ServerProcess, two: ServerProcess, secret: string): Promise<void> {
  const { tokens } = await passwordGrant(one.url, secret)
  const answers = await inParallel([one, two], secret, tokens.refresh, 50)
  const winners = answers.filter((answer) => answer.status === 200)
  expect(winners).toHaveLength(1)
  const losers = answers.filter((answer) => answer.status !== 200)
  expect(new Set(losers.map((answer) => answer.body['error']))).toEqual(new Set(['invalid_grant']))

  const [successor] = winners.map(tokensOf)
  if (successor === undefined) throw new Error('nobody won')
  expect((await refresh(two.url, secret, successor.refresh)).body['error']).toBe('invalid_grant')
  expect((await callApi(one.url, '/me', successor.access)).status).toBe(401)
}

/** The same within a grace: all are answered, with one successor, which works. Gives the tokens that are spent now. */
export async function expectOneSuccessor(one: ServerProcess, two: ServerProcess, secret: string) {
  const { tokens } = await passwordGrant(one.url, secret)
  const answers = await inParallel([one, two], secret, tokens.refresh, 50)
  expect(new Set(answers.map((answer) => answer.status))).toEqual(new Set([200]))
  const successors = new Set(answers.map((answer) => tokensOf(answer).refresh))
  expect(successors.size).toBe(1)
  const [successor = ''] = successors
  expect((await refresh(two.url, secret, successor)).status).toBe(200)
  return tokens
}

/** What a server logged under this name. */
export function eventsOf(server: ServerProcess, name: string): Record<string, unknown>[] {
  const lines = server.stderr.split('\n').filter((line) => line.includes(`"msg":"${name}"`))
  return lines.map((line) => JSON.parse(line) as Record<string, unknown>)
}
