import * as fc from 'fast-check'
import { MemoryStorage } from '@oauth-ratchet/core'
import { interceptedStorage } from '../setup/intercepted-storage.js'
import { basic, clientC, confidentialSecret, startServer } from '../setup/test-server.js'
import type { Answer, TestServer } from '../setup/test-server.js'
import { expectAlive, expectDead, idOfGrant, issue, tokensOf } from '../setup/tokens.js'
import type { Tokens } from '../setup/tokens.js'

const done = {
  status: 200,
  headers: { 'content-type': 'application/json', 'cache-control': 'no-store' },
  body: {},
}
const asC = { headers: basic(clientC.client_id, confidentialSecret) }

describe('revoking', () => {
  test('a refresh token ends the grant at once: its access tokens and its later refresh tokens (V2)', async () => {
    const at = startServer()
    const first = await issue(at)
    const second = tokensOf(await at.refresh(first.refresh_token))

    expect(await at.revoke({ token: second.refresh_token, client_id: 'app-a' })).toMatchObject(done)

    await expectDead(at, first)
    await expectDead(at, second)
    expect(at.events('grant.revoked')).toMatchObject([{ reason: 'token_revoked', grantId: idOfGrant(first) }])
    expect(at.events('grant.reuse_detected')).toEqual([])
  })

  test('a spent refresh token ends the grant too: a log-out that raced a refresh (V7)', async () => {
    const at = startServer()
    const first = await issue(at)
    const second = tokensOf(await at.refresh(first.refresh_token))

    expect(await at.revoke({ token: first.refresh_token, client_id: 'app-a' })).toMatchObject(done)

    await expectDead(at, second)
  })

  test("an access token ends it and the grant's other access tokens, not the refresh token (V6)", async () => {
    const at = startServer()
    const first = await issue(at)
    const second = tokensOf(await at.refresh(first.refresh_token))

    expect(await at.revoke({ token: first.access_token, client_id: 'app-a' })).toMatchObject(done)

    await expectDead(at, { access_token: first.access_token })
    await expectDead(at, { access_token: second.access_token })
    await expectAlive(at, { refresh_token: second.refresh_token })
    const third = tokensOf(await at.refresh(second.refresh_token))
    await expectAlive(at, third)
    expect(at.events('grant.revoked')).toEqual([])
  })

  test('a JWT access token makes it inactive although its signature still verifies (T6)', async () => {
    const at = startServer({ accessToken: { format: 'jwt' } })
    const first = await issue(at)

    expect(await at.revoke({ token: first.access_token, client_id: 'app-a' })).toMatchObject(done)

    await expectDead(at, { access_token: first.access_token })
    await expect(at.server.tokens.verify(first.access_token, { checkGrant: false })).resolves.toMatchObject({
      subject: 'u1',
    })
    await expectAlive(at, tokensOf(await at.refresh(first.refresh_token)))
  })

  test('a client-credentials token leaves a mark, and other tokens of the client alone', async () => {
    for (const format of ['opaque', 'jwt'] as const) {
      const at = startServer({ accessToken: { format } })
      const [one, other] = [
        tokensOf(await at.token({ grant_type: 'client_credentials' }, asC)),
        tokensOf(await at.token({ grant_type: 'client_credentials' }, asC)),
      ]

      expect(await at.revoke({ token: one.access_token }, asC)).toMatchObject(done)

      await expectDead(at, { access_token: one.access_token })
      await expectAlive(at, { access_token: other.access_token })
      // The mark goes with the token, which is dead by itself then.
      at.clock.advance(900)
      await expectDead(at, { access_token: one.access_token })
    }
  })

  test('the mark of a client-credentials token is kept for as long as the token would have lived', async () => {
    const at = startServer()
    const { access_token } = tokensOf(await at.token({ grant_type: 'client_credentials' }, asC))
    await at.revoke({ token: access_token }, asC)
    at.clock.advance(899)
    await at.storage.grants.purgeExpired(at.clock.now(), 1000)

    expect((await at.introspect(access_token)).body).toEqual({ active: false })
  })

  test('what is unknown, expired or ended already is fine (V1)', async () => {
    const at = startServer({ refreshToken: { idleLifetime: 1000 } })
    const [ended, expired] = [await issue(at), await issue(at)]
    await at.revoke({ token: ended.refresh_token, client_id: 'app-a' })
    for (const token of [
      'garbage',
      'orr_garbage',
      'ora_garbage',
      'a.b.c',
      ended.refresh_token,
      ended.access_token,
    ]) {
      expect(await at.revoke({ token, client_id: 'app-a' })).toMatchObject(done)
    }
    at.clock.advance(1000)

    for (const token of [expired.refresh_token, expired.access_token]) {
      expect(await at.revoke({ token, client_id: 'app-a' })).toMatchObject(done)
    }
    expect(at.events('grant.revoked')).toHaveLength(1)
  })

  test.each(['access_token', 'refresh_token', 'foo', ''])(
    'a hint of %p changes nothing (V3)',
    async (token_type_hint) => {
      const at = startServer()
      const first = await issue(at)

      expect(
        await at.revoke({ token: first.refresh_token, token_type_hint, client_id: 'app-a' }),
      ).toMatchObject(done)

      await expectDead(at, first)
    },
  )

  test("another client's token is left alone: 400 for a confidential client, 200 for a public one (V4)", async () => {
    const at = startServer()
    const first = await issue(at)

    for (const token of [first.refresh_token, first.access_token]) {
      expect(await at.revoke({ token }, asC)).toMatchObject({ status: 400, body: { error: 'invalid_grant' } })
      expect(await at.revoke({ token, client_id: 'app-b' })).toMatchObject(done)
    }

    await expectAlive(at, first)
    expect(at.events('grant.revoked')).toEqual([])
  })

  test("another client's token is one answer whether it is good, spent or over: it learns no token's state", async () => {
    const at = startServer()
    const first = await issue(at)
    const second = tokensOf(await at.refresh(first.refresh_token))
    const all = [first.access_token, first.refresh_token, second.access_token, second.refresh_token]
    const answersTo = async (sent: typeof asC | undefined, form: Record<string, string>) =>
      JSON.stringify(await Promise.all(all.map((token) => at.revoke({ token, ...form }, sent))))
    const [confidential, open] = [
      await answersTo(asC, {}),
      await answersTo(undefined, { client_id: 'app-b' }),
    ]
    await at.server.grants.revokeAll({ subject: 'u1' })

    expect(await answersTo(asC, {})).toBe(confidential)
    expect(await answersTo(undefined, { client_id: 'app-b' })).toBe(open)
    expect(new Set(JSON.parse(confidential).map((answer: Answer) => answer.body['error']))).toEqual(
      new Set(['invalid_grant']),
    )
    expect(new Set(JSON.parse(open).map((answer: Answer) => answer.status))).toEqual(new Set([200]))
  })

  test('no token is invalid_request (V5)', async () => {
    const at = startServer()

    for (const form of ['client_id=app-a', 'client_id=app-a&token=']) {
      expect(await at.revoke(form)).toMatchObject({ status: 400, body: { error: 'invalid_request' } })
    }
  })

  test('by the app itself ends any token, whosever it is', async () => {
    const at = startServer()
    const [one, two] = [await issue(at), await issue(at, { clientId: clientC.client_id })]

    await at.server.tokens.revoke(one.refresh_token)
    await at.server.tokens.revoke(two.access_token)
    await expect(at.server.tokens.revoke('garbage')).resolves.toBeUndefined()

    await expectDead(at, one)
    await expectDead(at, { access_token: two.access_token })
  })
})

/** Every order in which the storage calls of the two requests can interleave, chosen by fast-check. */
async function race(
  scheduler: fc.Scheduler,
  requests: (at: TestServer, tokens: Tokens) => Promise<unknown>[],
) {
  const inner = new MemoryStorage()
  const first = await issue(startServer({ storage: inner }))
  const storage = interceptedStorage(inner, async ({ name }, proceed) => {
    await scheduler.schedule(Promise.resolve(), `${name} begins`)
    const result = await proceed()
    await scheduler.schedule(Promise.resolve(), `${name} ends`)
    return result
  })
  const running = Promise.all(requests(startServer({ storage, storageTimeout: 60 }), first))
  await scheduler.waitFor(running)
  return { at: startServer({ storage: inner }), first, results: await running }
}

describe('revocation wins every race (V9)', () => {
  test('against a refresh with the same token: afterwards nothing of the grant is alive', async () => {
    await fc.assert(
      fc.asyncProperty(fc.scheduler(), fc.constantFrom({}, { scope: 'read' }), async (scheduler, form) => {
        const { at, first, results } = await race(scheduler, (server, { refresh_token }) => [
          server.refresh(refresh_token, form as Record<string, string>),
          server.revoke({ token: refresh_token, client_id: 'app-a' }),
        ])

        const [refreshed, revoked] = results as { status: number; body: Partial<Tokens> }[]
        expect(revoked?.status).toBe(200)
        expect([200, 400]).toContain(refreshed?.status)
        await expectDead(at, first)
        if (refreshed?.status === 200) await expectDead(at, refreshed.body)
      }),
      { numRuns: 60 },
    )
  })

  test('against two refreshes and a sign-out everywhere', async () => {
    await fc.assert(
      fc.asyncProperty(fc.scheduler(), async (scheduler) => {
        const { at, first, results } = await race(scheduler, (server, { refresh_token }) => [
          server.refresh(refresh_token),
          server.refresh(refresh_token, { scope: 'read' }),
          server.server.grants.revokeAll({ subject: 'u1' }),
        ])

        await expectDead(at, first)
        for (const answer of results.slice(0, 2) as { status: number; body: Partial<Tokens> }[]) {
          if (answer.status === 200) await expectDead(at, answer.body)
        }
        expect(await at.server.grants.list({ subject: 'u1' })).toEqual([])
      }),
      { numRuns: 60 },
    )
  })

  test('of parallel uses of one token exactly one turns, in whatever order the store is asked (R8)', async () => {
    await fc.assert(
      fc.asyncProperty(fc.scheduler(), async (scheduler) => {
        const { results } = await race(scheduler, (server, { refresh_token }) => [
          server.refresh(refresh_token),
          server.refresh(refresh_token, { scope: 'read' }),
          server.refresh(refresh_token),
        ])

        expect((results as { status: number }[]).filter((answer) => answer.status === 200)).toHaveLength(1)
      }),
      { numRuns: 60 },
    )
  })
})
