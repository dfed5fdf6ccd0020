import { startServer } from '../setup/test-server.js'
import type { TestServer } from '../setup/test-server.js'
import { expectAlive, expectDead, idOfGrant, issue, tokensOf } from '../setup/tokens.js'

const invalidGrant = { status: 400, body: { error: 'invalid_grant' } }

describe('a refresh token that was used before', () => {
  test('is refused and ends the grant: its active refresh token and all its access tokens (R5)', async () => {
    const at = startServer()
    const first = await issue(at)
    const second = tokensOf(await at.refresh(first.refresh_token))

    expect(await at.refresh(first.refresh_token)).toMatchObject(invalidGrant)

    await expectDead(at, second)
    await expectDead(at, first)
  })

  test('is noticed although it comes with a scope that would be refused: asking for one is presenting it', async () => {
    const at = startServer()
    const first = await issue(at)
    const second = tokensOf(await at.refresh(first.refresh_token))

    expect(await at.refresh(first.refresh_token, { scope: 'admin' })).toMatchObject(invalidGrant)

    await expectDead(at, second)
    expect(at.events('grant.reuse_detected')).toHaveLength(1)
  })

  test('looks within the grace as it did before the turn to who asks for a scope that is refused', async () => {
    const at = startServer({ refreshToken: { reuseGrace: 10 } })
    const first = await issue(at)
    const ask = () => at.refresh(first.refresh_token, { scope: 'admin' })
    const before = await ask()
    const second = tokensOf(await at.refresh(first.refresh_token))

    expect(before).toMatchObject({ body: { error: 'invalid_scope' } })
    expect(await ask()).toEqual(before)
    at.clock.advance(10.001)
    expect(await ask()).toMatchObject(invalidGrant)
    await expectDead(at, second)
  })

  test('says nothing to another client, live, spent or over', async () => {
    const at = startServer()
    const first = await issue(at)
    const second = tokensOf(await at.refresh(first.refresh_token))
    const asB = { client_id: 'app-b' }
    const answers = [
      await at.refresh(first.refresh_token, asB),
      await at.refresh(second.refresh_token, asB),
      await at.refresh(first.refresh_token, { ...asB, scope: 'admin' }),
      await at.refresh(second.refresh_token, { ...asB, scope: 'admin' }),
    ]
    await expectAlive(at, second)
    await at.server.grants.revokeAll({ subject: 'u1' })
    answers.push(await at.refresh(second.refresh_token, asB))

    expect(answers[0]).toMatchObject(invalidGrant)
    expect(new Set(answers.map((answer) => JSON.stringify(answer))).size).toBe(1)
  })

  test('is noticed however many turns later (R6)', async () => {
    const at = startServer()
    const chain = [await issue(at)]
    for (let turn = 0; turn < 10; turn++)
      chain.push(tokensOf(await at.refresh(chain[turn]?.refresh_token ?? '')))

    expect(await at.refresh(chain[3]?.refresh_token ?? '')).toMatchObject(invalidGrant)

    for (const tokens of chain) await expectDead(at, tokens)
  })

  test("ends that grant only: the same user's other device, other client and other users go on (R7)", async () => {
    const at = startServer()
    const [stolen, device, app, user] = [
      await issue(at),
      await issue(at),
      await issue(at, { clientId: 'app-b' }),
      await issue(at, { subject: 'u2' }),
    ]
    await at.refresh(stolen.refresh_token)
    await at.refresh(stolen.refresh_token)

    expect(await at.refresh(device.refresh_token)).toMatchObject({ status: 200 })
    expect(await at.refresh(app.refresh_token, { client_id: 'app-b' })).toMatchObject({ status: 200 })
    expect(await at.refresh(user.refresh_token)).toMatchObject({ status: 200 })
  })

  test('raises one event with the evidence, and none for the replays that follow', async () => {
    const at = startServer()
    const first = await issue(at, { metadata: { device: 'phone' } })
    at.clock.advance(60)
    const turnedAt = at.clock.now()
    await at.refresh(tokensOf(await at.refresh(first.refresh_token)).refresh_token)
    at.clock.advance(5)

    for (let times = 0; times < 3; times++)
      await at.refresh(first.refresh_token, {}, { address: '203.0.113.9' })

    const described = {
      at: at.clock.now(),
      grantId: idOfGrant(first),
      clientId: 'app-a',
      subject: 'u1',
      metadata: { device: 'phone' },
      requestId: expect.any(String) as string,
      remoteAddress: '203.0.113.9',
      generation: 3,
      reason: 'reuse',
    }
    expect(at.events('grant.reuse_detected')).toEqual([
      {
        ...described,
        presentedGeneration: 1,
        currentGeneration: 3,
        turnedAt,
        distance: 2,
        ageMs: 5000,
        neverIssued: false,
        cause: 'unknown',
      },
    ])
    expect(at.events('grant.revoked')).toEqual([described])
  })

  test('is no reuse once the grant has expired (R16)', async () => {
    const at = startServer({ refreshToken: { idleLifetime: 100 } })
    const first = await issue(at)
    await at.refresh(first.refresh_token)
    at.clock.advance(100)

    expect(await at.refresh(first.refresh_token)).toMatchObject(invalidGrant)
    expect(at.events('grant.reuse_detected')).toEqual([])
    expect(at.events('grant.revoked')).toEqual([])
  })

  test('with a scope that reads the grant first is reuse too', async () => {
    const at = startServer()
    const first = await issue(at)
    const second = tokensOf(await at.refresh(first.refresh_token))

    expect(await at.refresh(first.refresh_token, { scope: 'read' })).toMatchObject(invalidGrant)

    await expectDead(at, second)
    expect(at.events('grant.reuse_detected')).toHaveLength(1)
  })
})

describe('within the grace (R9)', () => {
  const grace = { refreshToken: { reuseGrace: 10 } }

  test('the same successor is sent again, with a fresh access token of its own', async () => {
    const at = startServer(grace)
    const first = await issue(at)
    const second = tokensOf(await at.refresh(first.refresh_token))
    at.clock.advance(10)

    const again = tokensOf(await at.refresh(first.refresh_token))

    expect(again.refresh_token).toBe(second.refresh_token)
    expect(again.access_token).not.toBe(second.access_token)
    await expectAlive(at, again)
    await expectAlive(at, second)
  })

  test('ends with the grace: one moment later it is reuse', async () => {
    const at = startServer(grace)
    const first = await issue(at)
    const second = tokensOf(await at.refresh(first.refresh_token))
    at.clock.advance(10.001)

    expect(await at.refresh(first.refresh_token)).toMatchObject(invalidGrant)
    await expectDead(at, second)
  })

  test('ends when the successor is used: two holders of one token collide', async () => {
    const at = startServer(grace)
    const first = await issue(at)
    const owner = tokensOf(await at.refresh(first.refresh_token))
    const thief = tokensOf(await at.refresh(first.refresh_token))
    const third = tokensOf(await at.refresh(owner.refresh_token))
    at.clock.advance(11)

    expect(await at.refresh(thief.refresh_token)).toMatchObject(invalidGrant)
    await expectDead(at, third)
  })

  test('a token before the one before is reuse, within the grace or not', async () => {
    const at = startServer(grace)
    const first = await issue(at)
    await at.refresh(tokensOf(await at.refresh(first.refresh_token)).refresh_token)

    expect(await at.refresh(first.refresh_token)).toMatchObject(invalidGrant)
    expect(at.events('grant.reuse_detected')).toHaveLength(1)
  })

  test('repeating moves no limit: the repeated answer tells what is left', async () => {
    const at = startServer({ refreshToken: { reuseGrace: 10, idleLifetime: 1000, absoluteLifetime: 5000 } })
    const first = await issue(at)
    await at.refresh(first.refresh_token)
    at.clock.advance(10)

    const again = tokensOf(await at.refresh(first.refresh_token))

    expect(again).toMatchObject({
      refresh_token_expires_in: 990,
      refresh_token_timeout: 990,
      authorization_expires_in: 4990,
    })
    expect(at.events('grant.repeated')).toMatchObject([{ grantId: idOfGrant(first), generation: 2 }])
    expect(at.events('grant.turned')).toHaveLength(1)
  })

  test('a repeat may narrow the scope as any refresh may', async () => {
    const at = startServer(grace)
    const first = await issue(at)
    const second = tokensOf(await at.refresh(first.refresh_token))

    const again = tokensOf(await at.refresh(first.refresh_token, { scope: 'read' }))

    expect(again).toMatchObject({ scope: 'read', refresh_token: second.refresh_token })
    expect(await at.refresh(first.refresh_token, { scope: 'admin' })).toMatchObject({
      body: { error: 'invalid_scope' },
    })
  })
})

const withKey = (key: string) => ({ headers: { 'idempotency-key': key } })

const refreshWith = (at: TestServer, token: string, key: string) => at.refresh(token, {}, withKey(key))

describe('the Idempotency-Key', () => {
  test('tells a lost answer from a theft at any age, without a grace (R33)', async () => {
    const at = startServer()
    const first = await issue(at)
    const second = tokensOf(await refreshWith(at, first.refresh_token, 'k1'))
    at.clock.advance(20 * 86_400)

    const again = tokensOf(await refreshWith(at, first.refresh_token, 'k1'))

    expect(again.refresh_token).toBe(second.refresh_token)
    expect(at.events('grant.reuse_detected')).toEqual([])
  })

  test.each([
    ['another key', 'k2'],
    ['no key', ''],
    ['a blank key, which means none', '  '],
  ])('does not help with %s', async (_, key) => {
    const at = startServer()
    const first = await issue(at)
    const second = tokensOf(await refreshWith(at, first.refresh_token, 'k1'))

    expect(await refreshWith(at, first.refresh_token, key)).toMatchObject(invalidGrant)
    await expectDead(at, second)
  })

  test('blank arms no repeat', async () => {
    const at = startServer()
    const first = await issue(at)
    await refreshWith(at, first.refresh_token, ' ')

    expect(await refreshWith(at, first.refresh_token, ' ')).toMatchObject(invalidGrant)
  })

  test('counts only while the successor is unused', async () => {
    const at = startServer()
    const first = await issue(at)
    const second = tokensOf(await refreshWith(at, first.refresh_token, 'k1'))
    await refreshWith(at, second.refresh_token, 'k2')

    expect(await refreshWith(at, first.refresh_token, 'k1')).toMatchObject(invalidGrant)
    expect(at.events('grant.reuse_detected')).toHaveLength(1)
  })

  test('that the turn before has used already turns, but arms no repeat: no endless grace', async () => {
    const at = startServer()
    const first = await issue(at)
    const second = tokensOf(await refreshWith(at, first.refresh_token, 'always'))
    const third = tokensOf(await refreshWith(at, second.refresh_token, 'always'))

    expect(await refreshWith(at, second.refresh_token, 'always')).toMatchObject(invalidGrant)
    await expectDead(at, third)
  })

  test('is refused over 255 bytes before anything is consumed; 255 bytes are fine', async () => {
    const at = startServer()
    const first = await issue(at)

    for (const key of ['k'.repeat(256), 'é'.repeat(128)]) {
      expect(await refreshWith(at, first.refresh_token, key)).toMatchObject({
        status: 400,
        body: { error: 'invalid_request' },
      })
    }
    expect(await refreshWith(at, first.refresh_token, 'k'.repeat(255))).toMatchObject({ status: 200 })
  })

  test('is refused with a control character before anything is consumed; UTF-8 in a header is none', async () => {
    const at = startServer()
    const first = await issue(at)

    for (const key of ['a\tb', 'a\0b', 'a\u007fb']) {
      expect(await refreshWith(at, first.refresh_token, key)).toMatchObject({
        status: 400,
        body: { error: 'invalid_request' },
      })
    }
    // As Node gives the bytes of a header.
    const key = Buffer.from('Ключ À').toString('latin1')
    expect(await refreshWith(at, first.refresh_token, key)).toMatchObject({ status: 200 })
  })

  test('of one grant says nothing to another', async () => {
    const at = startServer()
    const [one, other] = [await issue(at), await issue(at)]
    await refreshWith(at, one.refresh_token, 'k1')
    await at.refresh(other.refresh_token)

    expect(await refreshWith(at, other.refresh_token, 'k1')).toMatchObject(invalidGrant)
    expect(await refreshWith(at, one.refresh_token, 'k1')).toMatchObject({ status: 200 })
  })
})
