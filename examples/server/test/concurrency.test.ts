import { join } from 'node:path'
import BetterSqlite3 from 'better-sqlite3'
import { runApp, demoSecrets } from './support/in-process.js'
import { ServerProcess, temporaryFolder } from './support/server-process.js'
import {
  eventsOf,
  expectOneSuccessor,
  expectOneWinner,
  twoProcesses,
  untilAnswered,
} from './support/two-processes.js'
import { passwordGrant, refresh, tokensOf } from './support/tokens.js'

/** For tests that wait out a store that is busy, or make hundreds of refreshes on a slow disk. */
const MINUTES = 120_000

const folder = temporaryFolder()
const onFile = (name: string, more: Readonly<Record<string, string>> = {}) =>
  twoProcesses(folder, { STORAGE_URL: `sqlite:${name}.sqlite`, ...more })

test(
  '50 parallel uses of one refresh token at two processes on one file: one 200, and the replays end the grant',
  async () => {
    const { one, two, secret, stop } = await onFile('strict')
    await expectOneWinner(one, two, secret)
    expect(await stop()).toEqual([0, 0])
    // Raised once, in the process whose write ended the grant.
    const reuse = [one, two].flatMap((server) => eventsOf(server, 'grant.reuse_detected'))
    expect(reuse).toEqual([
      expect.objectContaining({ level: 40, reason: 'reuse', presentedGeneration: 1, currentGeneration: 2 }),
    ])
  },
  MINUTES,
)

test(
  'with REUSE_GRACE=10 all 50 are answered, with one and the same successor, which works once',
  async () => {
    const { one, two, secret, stop } = await onFile('grace', { REUSE_GRACE: '10' })
    const tokens = await expectOneSuccessor(one, two, secret)
    // The successor has been used: whoever still has the token before is a thief now.
    expect((await refresh(one.url, secret, tokens.refresh)).body['error']).toBe('invalid_grant')
    await stop()
  },
  MINUTES,
)

test('one process, 50 uses in memory: the same', async () => {
  const app = await runApp()
  const { tokens } = await passwordGrant(app.url, demoSecrets.trusted)
  const answers = await Promise.all(
    Array.from({ length: 50 }, () => refresh(app.url, demoSecrets.trusted, tokens.refresh)),
  )
  expect(answers.filter((answer) => answer.status === 200)).toHaveLength(1)
  await app.close()
})

describe('later than the grace', () => {
  const key = { 'idempotency-key': 'a-lost-answer' }

  test('the same Idempotency-Key gets the same successor', async () => {
    const app = await runApp({ reuseGrace: 10 })
    const { tokens } = await passwordGrant(app.url, demoSecrets.trusted)
    const turned = await refresh(app.url, demoSecrets.trusted, tokens.refresh, key)
    app.pass(3600)
    const repeated = await refresh(app.url, demoSecrets.trusted, tokens.refresh, key)
    expect(repeated.status).toBe(200)
    expect(tokensOf(repeated).refresh).toBe(tokensOf(turned).refresh)
    expect((await refresh(app.url, demoSecrets.trusted, tokensOf(turned).refresh)).status).toBe(200)
    await app.close()
  })

  test.each([
    ['no key', {}],
    ['another key', { 'idempotency-key': 'somebody-else' }],
  ])('%s is reuse', async (_, headers) => {
    const app = await runApp({ reuseGrace: 10 })
    const { tokens } = await passwordGrant(app.url, demoSecrets.trusted)
    const turned = await refresh(app.url, demoSecrets.trusted, tokens.refresh, key)
    app.pass(11)
    expect((await refresh(app.url, demoSecrets.trusted, tokens.refresh, headers)).status).toBe(400)
    expect((await refresh(app.url, demoSecrets.trusted, tokensOf(turned).refresh)).status).toBe(400)
    expect(app.log()).toContain('grant.reuse_detected')
    await app.close()
  })
})

test(
  'killed in a storm of refreshes and started again: every answered rotation is there',
  async () => {
    const environment = { ISSUER: 'http://127.0.0.1:1', STORAGE_URL: 'sqlite:storm.sqlite' }
    const server = await ServerProcess.start(environment, folder)
    const secret = server.secretOf('trusted')
    const grants = await Promise.all(Array.from({ length: 12 }, () => passwordGrant(server.url, secret)))

    let answered = 0
    // Each chain keeps the token that it was answered last, and the key of the request that was under way.
    const chains = grants.map(({ tokens }) => ({ token: tokens.refresh, turns: 0, key: '' }))
    const storm = chains.map(async (chain, index) => {
      for (;;) {
        chain.key = `chain-${index}-turn-${chain.turns}`
        const answer = await untilAnswered(() =>
          refresh(server.url, secret, chain.token, { 'idempotency-key': chain.key }),
        )
        expect(answer.status).toBe(200)
        chain.token = tokensOf(answer).refresh
        chain.turns += 1
        answered += 1
        if (answered === 400) server.signal('SIGKILL')
      }
    })
    const ends = await Promise.allSettled(storm)
    expect(await server.exited).toBe('SIGKILL')
    expect(answered).toBeGreaterThanOrEqual(400)
    for (const end of ends)
      expect(end).toMatchObject({
        status: 'rejected',
        reason: expect.objectContaining({ name: 'TypeError' }),
      })

    // A grant begins with generation 1; one turn more than was answered may have been under way.
    const database = new BetterSqlite3(join(folder, 'storm.sqlite'), { readonly: true })
    const rows = database.prepare('SELECT generation FROM oauth_grants').pluck().all() as number[]
    database.close()
    const turns = chains.map((chain) => chain.turns).toSorted((a, b) => a - b)
    const stored = rows.map((generation) => generation - 1).toSorted((a, b) => a - b)
    expect(stored).toHaveLength(turns.length)
    for (const [index, count] of stored.entries()) {
      expect(count - (turns[index] ?? 0)).toBeGreaterThanOrEqual(0)
      expect(count - (turns[index] ?? 0)).toBeLessThanOrEqual(1)
    }

    const again = await ServerProcess.start(environment, folder)
    for (const { token, key } of chains) {
      const answer = await refresh(again.url, secret, token, { 'idempotency-key': key })
      expect(answer.status).toBe(200)
      expect((await refresh(again.url, secret, tokensOf(answer).refresh)).status).toBe(200)
    }
    expect(await again.stop()).toBe(0)
  },
  MINUTES,
)
