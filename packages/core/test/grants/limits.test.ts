import { setImmediate as nextTurn } from 'node:timers/promises'
import { MemoryStorage } from '@oauth-ratchet/core'
import type { AuthorizationServerOptions, Storage } from '@oauth-ratchet/core'
import { authorize, codeOf, redemption, redirected } from '../setup/authorization.js'
import { interceptedStorage } from '../setup/intercepted-storage.js'
import { clientA, clientB, clientC, startServer } from '../setup/test-server.js'
import type { TestServer } from '../setup/test-server.js'
import { expectAlive, expectDead, idOfGrant, issue, tokensOf } from '../setup/tokens.js'
import type { Tokens } from '../setup/tokens.js'

type Limits = NonNullable<AuthorizationServerOptions['refreshToken']>

const limited = (refreshToken: Limits, storage?: Storage) =>
  // Calls are counted here, and not timed: many sign-ins at once take long on a busy machine.
  startServer({ refreshToken, storageTimeout: 60, ...(storage && { storage }) })

/** Some rounds of the event loop. */
async function some(): Promise<void> {
  for (let rounds = Math.floor(Math.random() * 5); rounds > 0; rounds--) await nextTurn()
}

/** A storage whose calls take a few rounds of the event loop each, before and after, in no order. */
function scattered(): Storage {
  return interceptedStorage(new MemoryStorage(), async (_call, proceed) => {
    await some()
    const answer = await proceed()
    await some()
    return answer
  })
}

async function issueAll(at: TestServer, count: number): Promise<Tokens[]> {
  const all: Tokens[] = []
  for (let index = 0; index < count; index++) {
    all.push(await issue(at))
    at.clock.advance(1)
  }
  return all
}

const live = (at: TestServer) => at.server.grants.list({ subject: 'u1' })

describe('the limit of grants per subject', () => {
  test('counts those at all clients, and ends the oldest of them', async () => {
    const at = limited({ maxPerSubject: 2 })
    const first = await issue(at, { clientId: clientA.client_id })
    at.clock.advance(1)
    const second = await issue(at, { clientId: clientB.client_id })
    at.clock.advance(1)
    const other = await issue(at, { subject: 'u2' })

    const third = await issue(at, { clientId: clientC.client_id })

    await expectDead(at, first)
    await expectAlive(at, { access_token: second.access_token })
    await expectAlive(at, { access_token: third.access_token })
    await expectAlive(at, other)
    expect(at.events('grant.revoked')).toMatchObject([{ reason: 'limit', grantId: idOfGrant(first) }])
  })

  test('stands beside that per subject and client', async () => {
    const at = limited({ maxPerSubject: 3, maxPerSubjectAndClient: 1 })
    const [a1, a2] = await issueAll(at, 2)
    const b = await issue(at, { clientId: clientB.client_id })
    await issue(at, { clientId: clientC.client_id })

    expect(await live(at)).toHaveLength(3)
    await expectDead(at, a1 ?? {})
    await expectAlive(at, a2 ?? {})
    await expectAlive(at, { access_token: b.access_token })
  })

  test('a client has a limit of its own by max_grants_per_subject, above or below that of the options', async () => {
    for (const [own, left] of [
      [1, 1],
      [3, 3],
    ] as const) {
      const clients = [{ ...clientA, max_grants_per_subject: own }, clientB]
      const at = startServer({ clients, refreshToken: { maxPerSubjectAndClient: 2 } })
      for (let count = 0; count < 4; count++) {
        await issue(at)
        await issue(at, { clientId: clientB.client_id })
      }

      expect(await at.server.grants.list({ subject: 'u1', clientId: 'app-a' })).toHaveLength(left)
      expect(await at.server.grants.list({ subject: 'u1', clientId: 'app-b' })).toHaveLength(2)
    }
  })
})

describe('atLimit: end-least-recently-used', () => {
  test('ends the grant whose latest refresh is the longest ago, however old it is', async () => {
    const at = limited({ maxPerSubjectAndClient: 2, atLimit: 'end-least-recently-used' })
    const [oldest, second] = await issueAll(at, 2)
    const used = tokensOf(await at.refresh(oldest?.refresh_token ?? ''))
    at.clock.advance(1)

    await issue(at)

    await expectAlive(at, used)
    await expectDead(at, second ?? {})
  })

  test('leaves a grant alone that is refreshed while it is about to be ended, and ends the next', async () => {
    const store = new MemoryStorage()
    let refreshInBetween: (() => Promise<unknown>) | undefined
    const storage = interceptedStorage(store, async (call, proceed) => {
      const refresh = call.name === 'grants.revoke' ? refreshInBetween : undefined
      refreshInBetween = refresh === undefined ? refreshInBetween : undefined
      await refresh?.()
      return proceed()
    })
    const at = limited({ maxPerSubjectAndClient: 2, atLimit: 'end-least-recently-used' }, storage)
    const [oldest, second] = await issueAll(at, 2)
    let used: Tokens | undefined
    refreshInBetween = async () => {
      at.clock.advance(1)
      used = tokensOf(await at.refresh(oldest?.refresh_token ?? ''))
    }

    await issue(at)

    await expectAlive(at, used ?? {})
    await expectDead(at, second ?? {})
    expect(await live(at)).toHaveLength(2)
  })
})

describe('atLimit: refuse', () => {
  test('refuses one more with invalid_grant before anything is stored', async () => {
    const at = limited({ maxPerSubjectAndClient: 2, atLimit: 'refuse' })
    const [first] = await issueAll(at, 2)

    await expect(issue(at)).rejects.toMatchObject({ code: 'invalid_grant', status: 400 })

    expect((await at.storage.grants.scan({ limit: 10 })).grants).toHaveLength(2)
    await at.server.tokens.revoke(first?.refresh_token ?? '')
    await expectAlive(at, await issue(at))
  })

  test('the authorization endpoint sends access_denied back to the client (RFC 6749 §4.1.2.1)', async () => {
    const at = limited({ maxPerSubject: 1, atLimit: 'refuse' })
    await issue(at)

    const response = await authorize(at)

    expect(redirected(response).get('error')).toBe('access_denied')
    expect(redirected(response).get('error_description')).toMatch(/as many sessions as there may be/)
  })

  test('a code that is refused stays good, and can be redeemed once there is room', async () => {
    const at = limited({ maxPerSubjectAndClient: 1, atLimit: 'refuse' })
    const code = await codeOf(at)
    const tokens = await issue(at)

    expect(await at.token(redemption(code))).toMatchObject({ status: 400, body: { error: 'invalid_grant' } })

    await at.server.tokens.revoke(tokens.refresh_token)
    await expectAlive(at, tokensOf(await at.token(redemption(code))))
    expect(at.events('grant.reuse_detected')).toEqual([])
  })

  test('grants that are over by a policy take no place', async () => {
    const at = limited({ maxPerSubjectAndClient: 1, atLimit: 'refuse', absoluteLifetime: 1000 })
    await issue(at)
    at.clock.advance(100)
    const options = { maxPerSubjectAndClient: 1, atLimit: 'refuse', absoluteLifetime: 60 } as const
    const shorter = startServer({ refreshToken: options, storage: at.storage }, at.clock)
    await expectAlive(shorter, await issue(shorter))
    const before = new Date(at.clock.now() + 1000)
    at.clock.advance(1)
    const anew = startServer(
      { refreshToken: options, storage: at.storage, grantsNotBefore: before },
      at.clock,
    )

    await expectAlive(anew, await issue(anew))
  })

  test('where nobody can say how many there are, none begins', async () => {
    let fails = false
    const storage = interceptedStorage(new MemoryStorage(), (call, proceed) => {
      if (call.name === 'grants.create') fails = true
      return fails && call.name === 'grants.listBySubject' ? Promise.reject(new Error('down')) : proceed()
    })
    const at = limited({ maxPerSubjectAndClient: 5, atLimit: 'refuse' }, storage)

    await expect(issue(at)).rejects.toMatchObject({ code: 'temporarily_unavailable', status: 503 })

    fails = false
    expect(await live(at)).toEqual([])
  })
})

/** How many of sixty sign-ins at once were answered with tokens. */
async function signIns(at: TestServer, refreshed: readonly Tokens[] = []): Promise<number> {
  const codes = await Promise.all(Array.from({ length: 30 }, () => codeOf(at)))
  const answers = await Promise.all([
    ...codes.map(async (code) => (await at.token(redemption(code))).status === 200),
    ...Array.from({ length: 30 }, () =>
      issue(at).then(
        () => true,
        () => false,
      ),
    ),
    ...refreshed.map(async ({ refresh_token }, index) => {
      await nextTurn()
      at.clock.advance(index % 2)
      await at.refresh(refresh_token)
      return true
    }),
  ])
  return answers.slice(0, 60).filter((served) => served).length
}

describe('sixty sign-ins at once at a limit of fifty', () => {
  test.each(['end-oldest', 'end-least-recently-used'] as const)(
    '%s leaves exactly fifty',
    async (atLimit) => {
      for (let round = 0; round < 4; round++) {
        const at = limited({ maxPerSubjectAndClient: 50, atLimit }, scattered())
        const before = await issueAll(at, 20)
        at.clock.advance(1)

        expect(await signIns(at, before)).toBe(60)

        expect(await live(at)).toHaveLength(50)
        expect(at.events('request.failed')).toEqual([])
      }
    },
  )

  test('refuse lets at most fifty in, and whoever was answered with tokens has them', async () => {
    for (let round = 0; round < 3; round++) {
      const at = limited({ maxPerSubjectAndClient: 50, atLimit: 'refuse' }, scattered())

      const served = await signIns(at)

      expect(served).toBeLessThanOrEqual(50)
      expect(served).toBeGreaterThan(25)
      expect(await live(at)).toHaveLength(served)
      expect(at.events('grant.issued')).toHaveLength(served)
    }
  })
})
