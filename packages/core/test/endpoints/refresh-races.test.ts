import { MemoryStorage } from '@oauth-ratchet/core'
import { codeOf, redemption } from '../setup/authorization.js'
import { startServer } from '../setup/test-server.js'
import type { Answer } from '../setup/test-server.js'
import { expectAlive, expectDead, issue, tokensOf } from '../setup/tokens.js'

const times = <T>(count: number, work: (index: number) => Promise<T>): Promise<T[]> =>
  Promise.all(Array.from({ length: count }, (_, index) => work(index)))
const good = (answers: readonly Answer[]) => answers.filter((answer) => answer.status === 200)
function first200(answers: readonly Answer[]): Answer {
  const [first] = good(answers)
  if (first === undefined) throw new Error('None of the requests was answered with 200.')
  return first
}

const errorsOf = (answers: readonly Answer[]) =>
  new Set(answers.filter((answer) => answer.status !== 200).map((answer) => answer.body['error']))

/** Two servers, as in two processes, on one store. */
function pair(options: Parameters<typeof startServer>[0] = {}) {
  const storage = new MemoryStorage()
  const one = startServer({ ...options, storage })
  return [one, startServer({ ...options, storage }, one.clock)] as const
}

describe.each([20, 50])('%i parallel uses of one refresh token, at two servers on one store', (count) => {
  test('strictly: exactly one is answered, the others are reuse, and the grant is over (R8)', async () => {
    const [one, two] = pair()
    const first = await issue(one)

    const answers = await times(count, (index) => (index % 2 ? one : two).refresh(first.refresh_token))

    expect(good(answers)).toHaveLength(1)
    expect(errorsOf(answers)).toEqual(new Set(['invalid_grant']))
    await expectDead(one, tokensOf(first200(answers)))
    expect([...one.events('grant.reuse_detected'), ...two.events('grant.reuse_detected')]).toHaveLength(1)
    expect([...one.events('grant.revoked'), ...two.events('grant.revoked')]).toHaveLength(1)
  })

  test('with a grace: all are answered, all with the same successor (R8)', async () => {
    const [one, two] = pair({ refreshToken: { reuseGrace: 10 } })
    const first = await issue(one)

    const answers = await times(count, (index) => (index % 2 ? one : two).refresh(first.refresh_token))

    expect(good(answers)).toHaveLength(count)
    expect(new Set(answers.map((answer) => answer.body['refresh_token'])).size).toBe(1)
    expect(new Set(answers.map((answer) => answer.body['access_token'])).size).toBe(count)
    expect([...one.events('grant.turned'), ...two.events('grant.turned')]).toHaveLength(1)
    expect([...one.events('grant.repeated'), ...two.events('grant.repeated')]).toHaveLength(count - 1)
    await expectAlive(one, tokensOf(first200(answers)))
  })

  test('with one idempotency key: all the same successor, without a grace', async () => {
    const [one, two] = pair()
    const first = await issue(one)
    const sent = { headers: { 'idempotency-key': 'one request and its retries' } }

    const answers = await times(count, (index) =>
      (index % 2 ? one : two).refresh(first.refresh_token, {}, sent),
    )

    expect(good(answers)).toHaveLength(count)
    expect(new Set(answers.map((answer) => answer.body['refresh_token'])).size).toBe(1)
  })

  test('with a scope, which reads before it turns: still exactly one', async () => {
    const [one, two] = pair()
    const first = await issue(one)

    const answers = await times(count, (index) =>
      (index % 2 ? one : two).refresh(first.refresh_token, { scope: 'read' }),
    )

    expect(good(answers)).toHaveLength(1)
    await expectDead(one, tokensOf(first200(answers)))
  })

  test('among strangers: the rightful client wins, and nobody ends its grant (R3)', async () => {
    const [one, two] = pair()
    const first = await issue(one)

    const answers = await times(count, (index) =>
      index === 7
        ? one.refresh(first.refresh_token)
        : two.refresh(first.refresh_token, { client_id: 'app-b' }),
    )

    expect(good(answers)).toEqual([answers[7]])
    await expectAlive(one, tokensOf(first200(answers)))
  })
})

describe('many grants at once', () => {
  test('do not get in each other’s way', async () => {
    const at = startServer()
    const grants = await times(50, (index) => issue(at, { subject: `u${index}` }))

    const answers = await Promise.all(grants.map((tokens) => at.refresh(tokens.refresh_token)))

    expect(good(answers)).toHaveLength(50)
    expect(at.events('grant.reuse_detected')).toEqual([])
  })
})

describe('20 parallel redemptions of one code', () => {
  test('exactly one is answered, and the replays that follow end its grant (G5)', async () => {
    const [one, two] = pair()
    const code = await codeOf(one)

    const answers = await times(20, (index) => (index % 2 ? one : two).token(redemption(code)))

    expect(good(answers)).toHaveLength(1)
    expect(errorsOf(answers)).toEqual(new Set(['invalid_grant']))
    await expectDead(one, tokensOf(first200(answers)))
  })

  test('a grace changes nothing: a code is for one use', async () => {
    const [one, two] = pair({ refreshToken: { reuseGrace: 60 } })
    const code = await codeOf(one)

    const answers = await times(20, (index) => (index % 2 ? one : two).token(redemption(code)))

    expect(good(answers)).toHaveLength(1)
  })
})
