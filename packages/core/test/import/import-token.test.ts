import { MemoryStorage } from '@oauth-ratchet/core'
import type { AuthorizationServerOptions, ForeignSession } from '@oauth-ratchet/core'
import { Clock, day } from '../setup/clock.js'
import { CountingStorage } from '../setup/counting-storage.js'
import { interceptedStorage } from '../setup/intercepted-storage.js'
import { importing, oldToken } from '../setup/old-sessions.js'
import type { ImportingServer } from '../setup/old-sessions.js'
import {
  basic,
  clientA,
  clientB,
  clientC,
  confidentialSecret,
  olderSecret,
  secret,
} from '../setup/test-server.js'
import type { Answer } from '../setup/test-server.js'
import { expectAlive, expectDead, idOfGrant, issue, tokensOf } from '../setup/tokens.js'

const invalidGrant = { status: 400, body: { error: 'invalid_grant' } }
const reasons = (at: ImportingServer) => at.events('token.import_refused').map(({ reason }) => reason)
const other = (letter: string) => letter.repeat(64)

describe('the first use of a refresh token from before', () => {
  test('gives tokens of ours, for the subject, scope and facts that the app knows', async () => {
    const at = importing()
    at.old.rows.set(oldToken, {
      subject: 'u1',
      scope: ['read'],
      expiresAt: new Date(at.clock.now() + day * 1000),
      authTime: at.clock.seconds - 100 * day,
      amr: ['pwd'],
      session: 's1',
      metadata: { from: 'table' },
      claims: { tenant: 't1' },
    })

    const tokens = tokensOf(await at.refresh(oldToken))

    expect(tokens.refresh_token).toMatch(/^orr_/)
    expect(tokens.scope).toBe('read')
    expect(await at.server.tokens.verify(tokens.access_token)).toMatchObject({
      subject: 'u1',
      authTime: at.clock.seconds - 100 * day,
      amr: ['pwd'],
      claims: { tenant: 't1' },
    })
    expect(await at.server.grants.get(idOfGrant(tokens))).toMatchObject({
      clientId: 'app-a',
      subject: 'u1',
      metadata: { from: 'table' },
      status: 'active',
    })
    await expectAlive(at, tokens)
    const next = tokensOf(await at.refresh(tokens.refresh_token))
    expect(idOfGrant(next)).toBe(idOfGrant(tokens))
  })

  test('is told as a grant that was issued, by import, and turned', async () => {
    const at = importing()

    const tokens = tokensOf(await at.refresh(oldToken))

    const grant = { grantId: idOfGrant(tokens), clientId: 'app-a', subject: 'u1', generation: 2 }
    expect(at.raised).toEqual([
      { name: 'grant.issued', event: expect.objectContaining({ ...grant, imported: true }) as unknown },
      { name: 'grant.turned', event: expect.objectContaining(grant) as unknown },
    ])
  })

  test.each([
    ['left out: what the client is registered for', undefined, 'read write'],
    ['more than the client may have: less that', 'read admin openid', 'read'],
    ['none: none', '', undefined],
  ])('scope %s', async (_, scope, granted) => {
    const at = importing()
    at.old.rows.set(oldToken, { subject: 'u1', scope, expiresAt: at.clock.seconds + day })

    expect(tokensOf(await at.refresh(oldToken)).scope).toBe(granted)
  })

  test('a scope in the request narrows the access token, not the grant (RFC 6749 §6)', async () => {
    const at = importing()

    const first = tokensOf(await at.refresh(oldToken, { scope: 'read' }))

    expect(first.scope).toBe('read')
    expect(tokensOf(await at.refresh(first.refresh_token)).scope).toBe('read write')
  })

  test('a scope in the request that the session does not have is refused, and consumes nothing', async () => {
    const at = importing()

    expect(await at.refresh(oldToken, { scope: 'admin' })).toMatchObject({ body: { error: 'invalid_scope' } })
    expect(await at.refresh(oldToken)).toMatchObject({ status: 200 })
  })

  test('where refresh tokens are for offline_access, who has one goes on having one', async () => {
    const at = importing({ refreshToken: { require: 'offline_access' } })

    expect(tokensOf(await at.refresh(oldToken))).toMatchObject({
      refresh_token: expect.any(String) as string,
      scope: 'read write offline_access',
    })
  })

  test('has the limits of the options, counted from now, and shorter ones of the session', async () => {
    const at = importing({ refreshToken: { idleLifetime: 1000, absoluteLifetime: 5000 } })
    at.old.rows.set(other('b'), {
      subject: 'u1',
      expiresAt: at.clock.seconds + day,
      lifetimes: { idle: 100, absolute: 500 },
    })

    expect(tokensOf(await at.refresh(oldToken))).toMatchObject({
      refresh_token_expires_in: 1000,
      authorization_expires_in: 5000,
    })
    expect(tokensOf(await at.refresh(other('b')))).toMatchObject({
      refresh_token_expires_in: 100,
      authorization_expires_in: 500,
    })
  })

  test.each<[string, Partial<AuthorizationServerOptions>]>([
    [
      'JWT access tokens with claims of the app',
      { accessToken: { format: 'jwt', claims: () => ({ a: 1 }) } },
    ],
    ['a subject that is asked about', { isSubjectActive: () => true }],
    ['details of sessions that are kept', { sessions: { keep: ['label', 'userAgent', 'remoteAddress'] } }],
    ['a clients function', { clients: (id) => (id === 'app-a' ? clientA : undefined) }],
  ])('goes with %s', async (_, options) => {
    const at = importing(options)

    const first = tokensOf(await at.refresh(oldToken))

    expect(await at.refresh(first.refresh_token)).toMatchObject({ status: 200 })
    expect(await at.server.grants.list({ subject: 'u1' })).toHaveLength(1)
  })

  test('of a subject that is not active ends it for good', async () => {
    let active = false
    const at = importing({ isSubjectActive: () => active })

    expect(await at.refresh(oldToken)).toMatchObject(invalidGrant)
    active = true
    expect(await at.refresh(oldToken)).toMatchObject(invalidGrant)
  })

  test('through server.tokens.refresh is the same', async () => {
    const at = importing()

    const tokens = await at.server.tokens.refresh({ refreshToken: oldToken, clientId: 'app-a' })

    expect(tokens.refresh_token).toMatch(/^orr_/)
  })

  test('of a confidential client, with its secret, is the same', async () => {
    const at = importing({}, { clients: [clientC.client_id] })
    const form = { grant_type: 'refresh_token', refresh_token: oldToken }

    const tokens = tokensOf(await at.token(form, { headers: basic(clientC.client_id, confidentialSecret) }))

    expect(tokens.refresh_token).toMatch(/^orr_/)
  })

  test('leaves neither token nor subject in the store, in clear', async () => {
    const counting = new CountingStorage()
    const at = importing({ storage: counting.storage })

    await at.refresh(oldToken)
    await at.refresh(other('x'))

    const written = JSON.stringify(counting.calls.map(({ parameters }) => parameters))
    expect(written).not.toContain(oldToken)
    expect(written).not.toContain(other('x'))
    expect(written).not.toMatch(/"u1"/)
  })
})

describe('what is not imported', () => {
  test.each(['orr_', 'orc_', 'ora_', 'orx_'])(
    'a token with the prefix %s, whatever the app says of it',
    async (prefix) => {
      const at = importing()
      const text = prefix + 'A'.repeat(100)
      at.old.rows.set(text, { subject: 'u1', expiresAt: at.clock.seconds + day })

      expect(await at.refresh(text)).toMatchObject(invalidGrant)
      await at.server.tokens.revoke(text)
      expect(at.old.asked).toEqual([])
    },
  )

  test('a token that one of our own was damaged to', async () => {
    const at = importing()
    const { refresh_token } = await issue(at)

    expect(await at.refresh(`${refresh_token.slice(0, -1)}*`)).toMatchObject(invalidGrant)
    expect(at.old.asked).toEqual([])
  })

  test('that of a client that is not named', async () => {
    const at = importing()

    expect(await at.refresh(oldToken, { client_id: clientB.client_id })).toMatchObject(invalidGrant)
    expect(at.old.asked).toEqual([])
    await at.revoke({ token: oldToken, client_id: clientB.client_id })
    expect(await at.refresh(oldToken)).toMatchObject({ status: 200 })
  })

  test('one that another client has imported: that is a mismatch, which ends nothing', async () => {
    const at = importing({}, { clients: ['app-a', 'app-b'] })
    const tokens = tokensOf(await at.refresh(oldToken))

    expect(await at.refresh(oldToken, { client_id: clientB.client_id })).toMatchObject(invalidGrant)
    await expectAlive(at, tokens)
  })

  test('one from the date on, while what was imported goes on and its token is still known as spent', async () => {
    const at = importing()
    at.old.rows.set(other('b'), { subject: 'u2', expiresAt: at.clock.seconds + 200 * day })
    const early = tokensOf(await at.refresh(oldToken))
    at.clock.advance(29 * day)
    const tokens = tokensOf(await at.refresh(early.refresh_token))
    at.clock.advance(29 * day)
    const later = tokensOf(await at.refresh(tokens.refresh_token))
    at.clock.advance(29 * day)
    const latest = tokensOf(await at.refresh(later.refresh_token))
    at.clock.advance(3 * day)

    expect(await at.refresh(other('b'))).toMatchObject(invalidGrant)
    expect(at.old.asked).toEqual([oldToken])
    const last = tokensOf(await at.refresh(latest.refresh_token))
    expect(await at.refresh(oldToken)).toMatchObject(invalidGrant)
    await expectDead(at, last)
  })

  test('one that the app does not know, or that is over where it comes from', async () => {
    const at = importing()
    at.clock.advance(30 * day)

    expect(await at.refresh(oldToken)).toMatchObject(invalidGrant)
    expect(await at.refresh(other('x'))).toMatchObject(invalidGrant)
    expect(reasons(at)).toEqual(['expired', 'unknown'])
    expect(await at.server.grants.list({ subject: 'u1' })).toEqual([])
  })

  test('an empty one, which the app is not asked for', async () => {
    const at = importing()

    await expect(at.server.tokens.refresh({ refreshToken: '', clientId: 'app-a' })).rejects.toMatchObject({
      code: 'invalid_grant',
    })
    expect(at.old.asked).toEqual([])
  })

  test('one text of an id after another: a JWT or a case-blind column has several for one session', async () => {
    const at = importing()
    for (const text of [other('b'), other('B')])
      at.old.rows.set(text, { subject: 'u1', id: 7, expiresAt: at.clock.seconds + day })
    const tokens = tokensOf(await at.refresh(other('B')))

    expect(await at.refresh(other('b'))).toMatchObject(invalidGrant)
    expect(reasons(at)).toEqual(['another_spelling'])
    await expectAlive(at, tokens)
    expect(await at.server.grants.list({ subject: 'u1' })).toHaveLength(1)
  })
})

test('introspection says of a token from before that it is inactive, and does not ask the app (RFC 7662 §2.2)', async () => {
  const at = importing({}, { clients: [clientC.client_id] })
  const sent = { headers: basic(clientC.client_id, confidentialSecret) }

  expect((await at.introspectAs({ token: oldToken }, sent)).body).toEqual({ active: false })
  expect(await at.server.tokens.introspect(oldToken)).toEqual({ active: false })
  expect(at.old.asked).toEqual([])
})

describe('a later use of the imported token', () => {
  test('is reuse, and ends the grant (RFC 9700 §4.14.2), at the cost of one look and one turn', async () => {
    const counting = new CountingStorage()
    const at = importing({ storage: counting.storage })
    const tokens = tokensOf(await at.refresh(oldToken))

    const calls = await counting.during(async () => {
      expect(await at.refresh(oldToken)).toMatchObject(invalidGrant)
    })

    expect(calls).toEqual(['grants.find', 'grants.turn', 'grants.revoke'])
    expect(at.old.asked).toEqual([oldToken])
    expect(at.events('grant.reuse_detected')).toEqual([
      expect.objectContaining({ presentedGeneration: 1, currentGeneration: 2 }),
    ])
    await expectDead(at, tokens)
    expect(await at.refresh(oldToken)).toMatchObject(invalidGrant)
  })

  test('after a lost answer, with the same Idempotency-Key, gives the same successor', async () => {
    const at = importing()
    const sent = { headers: { 'idempotency-key': 'k1' } }
    const lost = tokensOf(await at.refresh(oldToken, {}, sent))
    at.clock.advance(3600)

    const again = tokensOf(await at.refresh(oldToken, {}, sent))

    expect(again.refresh_token).toBe(lost.refresh_token)
  })

  test('within the grace gives the same successor', async () => {
    const at = importing({ refreshToken: { reuseGrace: 10 } })
    const lost = tokensOf(await at.refresh(oldToken))
    at.clock.advance(9)

    expect(tokensOf(await at.refresh(oldToken)).refresh_token).toBe(lost.refresh_token)
  })

  test('under other secrets is known as well: no secret imports it a second time', async () => {
    const storage = new MemoryStorage()
    const clock = new Clock()
    const before = importing({ storage, secrets: [olderSecret] }, {}, clock)
    const tokens = tokensOf(await before.refresh(oldToken))

    const at = importing({ storage, secrets: [secret, olderSecret] }, {}, clock)
    expect(await at.refresh(oldToken)).toMatchObject(invalidGrant)
    await expectDead(at, tokens)
    expect(at.old.asked).toEqual([])
  })

  test('in another realm on the same store is another grant', async () => {
    const storage = new MemoryStorage()
    const one = tokensOf(await importing({ storage }).refresh(oldToken))
    const two = tokensOf(await importing({ storage, realm: 'https://other.example' }).refresh(oldToken))

    expect(idOfGrant(one)).not.toBe(idOfGrant(two))
  })
})

describe('first uses at the same time', () => {
  test('with a grace all get the one successor, of one grant, which is issued once', async () => {
    const at = importing({ refreshToken: { reuseGrace: 10 } })

    const answers = await Promise.all(Array.from({ length: 8 }, () => at.refresh(oldToken)))

    expect(new Set(answers.map((answer) => tokensOf(answer).refresh_token)).size).toBe(1)
    expect(await at.server.grants.list({ subject: 'u1' })).toHaveLength(1)
    expect(at.events('grant.issued')).toHaveLength(1)
  })

  test('strictly, one turns and the next one is reuse, as with one of ours', async () => {
    const at = importing()

    const answers = await Promise.all(Array.from({ length: 4 }, () => at.refresh(oldToken)))

    expect(answers.filter(({ status }) => status === 200)).toHaveLength(1)
    expect(at.events('grant.reuse_detected')).toHaveLength(1)
    expect(await at.server.grants.list({ subject: 'u1' })).toEqual([])
  })

  test('in two processes make one grant', async () => {
    const storage = new MemoryStorage()
    const clock = new Clock()
    const both = [1, 2].map(() => importing({ storage, refreshToken: { reuseGrace: 10 } }, {}, clock))

    const answers = await Promise.all([...both, ...both].map((at) => at.refresh(oldToken)))

    expect(new Set(answers.map((answer) => tokensOf(answer).refresh_token)).size).toBe(1)
  })

  test('at the last place that there is, a second tab is not refused for the first', async () => {
    let first: Promise<Answer> | undefined
    const storage = interceptedStorage(new MemoryStorage(), async ({ name }, proceed) => {
      // The first tab comes and goes just before the second is looked at for room.
      if (name === 'grants.listBySubject' && first === undefined) await (first = at.refresh(oldToken))
      return proceed()
    })
    const at = importing({
      storage,
      refreshToken: { reuseGrace: 10, atLimit: 'refuse', maxPerSubjectAndClient: 1 },
    })

    const second = tokensOf(await at.refresh(oldToken))

    expect(tokensOf((await first) as Answer).refresh_token).toBe(second.refresh_token)
  })
})

/** A server with two sessions of u1. */
const withTwo = (options: Partial<AuthorizationServerOptions>) => {
  const at = importing(options)
  const session: ForeignSession = { subject: 'u1', expiresAt: at.clock.seconds + 30 * day }
  at.old.rows.set(other('b'), session)
  return at
}

describe('limits of grants', () => {
  test('count an imported grant as a sign-in', async () => {
    const at = withTwo({ refreshToken: { maxPerSubjectAndClient: 1 } })
    const first = tokensOf(await at.refresh(oldToken))
    at.clock.advance(1)

    const second = tokensOf(await at.refresh(other('b')))

    await expectAlive(at, second)
    await expectDead(at, first)
  })

  test('with refuse, an import that is refused consumes nothing', async () => {
    const at = withTwo({ refreshToken: { maxPerSubjectAndClient: 1, atLimit: 'refuse' } })
    const first = tokensOf(await at.refresh(oldToken))

    expect(await at.refresh(other('b'))).toMatchObject(invalidGrant)
    await at.server.tokens.revoke(first.refresh_token)
    expect(await at.refresh(other('b'))).toMatchObject({ status: 200 })
  })
})
