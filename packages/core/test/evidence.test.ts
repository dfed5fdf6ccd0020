import { KeyRing } from '../src/ratchet/secrets.js'
import { sealSeen } from '../src/ratchet/seen.js'
import { codeOf, redemption } from './setup/authorization.js'
import { clientA, clientC, issuer, secret, startServer } from './setup/test-server.js'
import type { TestServer } from './setup/test-server.js'
import { idOfGrant, issue, tokensOf } from './setup/tokens.js'

/** Keeps where a grant was last used from, as the turn does where the server is asked to. */
async function keepSeen(at: TestServer, grantId: string, seen: { address: string; userAgent: string }) {
  const ring = new KeyRing([new TextEncoder().encode(secret)], issuer)
  const { revision = 0 } = (await at.storage.grants.find(grantId)) ?? {}
  const sealed = sealSeen(ring, grantId, { remoteAddress: seen.address, userAgent: seen.userAgent })
  await at.storage.grants.amend(grantId, revision, { now: at.clock.now(), seen: sealed })
}

const from = (address: string, userAgent: string) => ({ address, headers: { 'user-agent': userAgent } })

test('a reuse has all of its evidence, field by field, and joins with the end of the grant', async () => {
  const at = startServer()
  const first = await issue(at, { metadata: { device: 'phone' } })
  const second = tokensOf(await at.refresh(first.refresh_token))
  const turnedAt = at.clock.now()
  await keepSeen(at, idOfGrant(first), { address: '192.0.2.1', userAgent: 'Owner/1' })
  at.clock.advance(90)

  await at.refresh(first.refresh_token, {}, from('203.0.113.9', 'Thief/1'))

  const [detected] = at.events('grant.reuse_detected')
  expect(detected).toEqual({
    at: at.clock.now(),
    requestId: expect.stringMatching(/^[\da-f-]{36}$/),
    grantId: idOfGrant(first),
    clientId: clientA.client_id,
    subject: 'u1',
    metadata: { device: 'phone' },
    remoteAddress: '203.0.113.9',
    generation: 2,
    reason: 'reuse',
    presentedGeneration: 1,
    currentGeneration: 2,
    turnedAt,
    distance: 1,
    ageMs: 90_000,
    neverIssued: false,
    addressChanged: true,
    agentChanged: true,
    cause: 'theft',
  })
  expect(at.events('grant.revoked')).toEqual([
    expect.objectContaining({
      requestId: detected?.['requestId'],
      grantId: idOfGrant(first),
      reason: 'reuse',
    }),
  ])
  const text = JSON.stringify(at.raised)
  for (const tokens of [first, second]) {
    expect(text).not.toContain(tokens.refresh_token)
    expect(text).not.toContain(tokens.access_token)
  }
  expect(text).not.toContain('Thief/1')
})

test.each([
  ['lost_answer', '192.0.2.1', 'Owner/1', { addressChanged: false, agentChanged: false }],
  ['unknown', '203.0.113.9', 'Owner/1', { addressChanged: true, agentChanged: false }],
  ['theft', '192.0.2.1', 'Other/1', { addressChanged: false, agentChanged: true }],
])(
  'through a request that reads the grant first it is the same: %s',
  async (cause, address, agent, expected) => {
    const at = startServer()
    const first = await issue(at)
    await at.refresh(first.refresh_token)
    await keepSeen(at, idOfGrant(first), { address: '192.0.2.1', userAgent: 'Owner/1' })
    at.clock.advance(3600)

    await at.refresh(first.refresh_token, { scope: 'read' }, from(address, agent))

    expect(at.events('grant.reuse_detected')).toEqual([expect.objectContaining({ ...expected, cause })])
  },
)

test('through server.tokens it is the same, with what the app passes', async () => {
  const at = startServer()
  const first = await issue(at)
  await at.refresh(first.refresh_token)
  await keepSeen(at, idOfGrant(first), { address: '192.0.2.1', userAgent: 'Owner/1' })

  const presented = {
    refreshToken: first.refresh_token,
    clientId: 'app-a',
    userAgent: 'Owner/2',
    requestId: 'r-1',
  }
  await expect(at.server.tokens.refresh(presented)).rejects.toMatchObject({ code: 'invalid_grant' })

  const [detected = {}] = at.events('grant.reuse_detected')
  expect(detected).toMatchObject({ agentChanged: true, cause: 'theft', requestId: 'r-1' })
  expect(detected).not.toHaveProperty('addressChanged')
})

test('where nothing is kept, or it does not open, nothing is said of address and agent', async () => {
  const at = startServer()
  const first = await issue(at)
  await at.refresh(first.refresh_token)
  const { revision = 0 } = (await at.storage.grants.find(idOfGrant(first))) ?? {}
  await at.storage.grants.amend(idOfGrant(first), revision, { now: at.clock.now(), seen: 'damaged' })

  await at.refresh(first.refresh_token, {}, from('203.0.113.9', 'x'))

  const [detected = {}] = at.events('grant.reuse_detected')
  expect(detected).toMatchObject({ cause: 'second_tab', distance: 1 })
  expect(detected).not.toHaveProperty('addressChanged')
  expect(detected).not.toHaveProperty('agentChanged')
})

test('every request has an id of its own, which all of its events have; the caller can bring one', async () => {
  const at = startServer({ refreshToken: { maxPerSubjectAndClient: 1 } })
  await issue(at)
  at.clock.advance(1)
  at.raised.length = 0
  const second = tokensOf(await at.token(redemption(await codeOf(at))))
  const form = new URLSearchParams({
    grant_type: 'refresh_token',
    client_id: 'app-a',
    refresh_token: second.refresh_token,
  })
  await at.server.endpoints.token({
    method: 'POST',
    headers: { 'content-type': 'application/x-www-form-urlencoded' },
    query: '',
    body: Buffer.from(form.toString()),
    requestId: 'req-7',
  })

  const ids = at.raised.map(({ name, event }) => [name, event['requestId']])
  expect(ids).toEqual([
    ['grant.issued', expect.any(String)],
    ['grant.revoked', ids[0]?.[1]],
    ['grant.turned', 'req-7'],
  ])
  expect(at.events('grant.turned')[0]).not.toHaveProperty('remoteAddress')
})

test('a fault and the failed authentications of a request have its id too', async () => {
  const at = startServer({ isSubjectActive: () => Promise.reject(new Error('no')) })
  const first = await issue(at)
  await at.refresh(first.refresh_token)
  await at.token({ grant_type: 'refresh_token', client_id: 'web-c', client_secret: 'wrong' })

  expect(at.events('request.failed')).toEqual([expect.objectContaining({ requestId: expect.any(String) })])
  expect(at.events('client.authentication_failed')).toEqual([
    expect.objectContaining({ clientId: 'web-c', reason: 'wrong secret', requestId: expect.any(String) }),
  ])
})

test('credentials that cannot be read are failed authentications too', async () => {
  const at = startServer()
  const form = { grant_type: 'client_credentials' }
  await at.token(form, { headers: { authorization: 'Basic !!!' } })
  await at.token(form, { headers: { authorization: 'Digest x' } })
  await at.token({ ...form, client_assertion: 'x' })

  expect(at.events('client.authentication_failed').map(({ reason }) => reason)).toEqual([
    'malformed Basic credentials',
    'an unknown authentication scheme',
    'a client assertion',
  ])
})

test('a wrong password is told with the client and the address, and never with the user', async () => {
  const at = startServer({ authenticateUser: () => null, throttle: { attempts: 1 } })
  const form = {
    grant_type: 'password',
    client_id: clientC.client_id,
    client_secret: clientC.client_secret,
    username: 'alice@example.com',
    password: 'guess',
  }
  await at.token(form)
  await at.token(form)

  const base = {
    at: at.clock.now(),
    requestId: expect.any(String),
    remoteAddress: '192.0.2.1',
    clientId: clientC.client_id,
  }
  expect(at.raised).toEqual([
    { name: 'user.authentication_failed', event: { ...base, throttled: false } },
    { name: 'user.authentication_failed', event: { ...base, throttled: true } },
  ])
})

describe('who ended a grant', () => {
  test.each([
    ['grants.revoke', (at: TestServer, id: string) => at.server.grants.revoke(id, { by: 'admin:jane' })],
    [
      'grants.revoke with a subject',
      (at: TestServer, id: string) => at.server.grants.revoke(id, { subject: 'u1', by: 'admin:jane' }),
    ],
    [
      'grants.revokeAll of a subject',
      (at: TestServer) => at.server.grants.revokeAll({ subject: 'u1', by: 'admin:jane' }),
    ],
    [
      'grants.revokeAll of a client',
      (at: TestServer) => at.server.grants.revokeAll({ clientId: 'app-a', by: 'admin:jane' }),
    ],
    [
      'tokens.revoke',
      (at: TestServer, _: string, token: string) => at.server.tokens.revoke(token, { by: 'admin:jane' }),
    ],
  ] as const)('is in the event of %s', async (_, end) => {
    const at = startServer()
    const tokens = await issue(at)
    await end(at, idOfGrant(tokens), tokens.refresh_token)

    expect(at.events('grant.revoked')).toEqual([expect.objectContaining({ by: 'admin:jane' })])
  })

  test('is the client at the revocation endpoint, and nobody where the server did it', async () => {
    const at = startServer()
    const [first, second] = [await issue(at), await issue(at)]
    await at.revoke({ token: first.refresh_token, client_id: 'app-a' })
    await at.refresh(second.refresh_token)
    await at.refresh(second.refresh_token)

    const [asked, detected = {}] = at.events('grant.revoked')
    expect(asked).toMatchObject({ by: 'client:app-a', reason: 'token_revoked' })
    expect(detected).not.toHaveProperty('by')
  })

  test('joins all that one call ended, page after page', async () => {
    const at = startServer()
    for (let index = 0; index < 3; index++) await issue(at)
    await at.server.grants.revokeAll({ subject: 'u1', by: 'u1' })

    const revoked = at.events('grant.revoked')
    expect(revoked).toHaveLength(3)
    expect(new Set(revoked.map(({ requestId }) => requestId)).size).toBe(1)
  })

  test.each(['', 'x'.repeat(256), 'two\nlines', 7])('is refused as %j, before anything ends', async (by) => {
    const at = startServer()
    const tokens = await issue(at)
    const given = { by: by as string }

    await expect(at.server.grants.revoke(idOfGrant(tokens), given)).rejects.toThrow(TypeError)
    await expect(at.server.grants.revokeAll({ subject: 'u1', ...given })).rejects.toThrow(TypeError)
    await expect(at.server.tokens.revoke(tokens.refresh_token, given)).rejects.toThrow(TypeError)
    await expect(at.server.clients.remove('x', given)).rejects.toThrow(TypeError)

    expect(at.events('grant.revoked')).toEqual([])
  })
})

test('changes of clients say what was changed and by whom, and never a secret', async () => {
  const at = startServer()
  const by = { by: 'admin:jane' }
  const { clients } = at.server
  const made = await clients.create({ client_id: 'new', grant_types: ['client_credentials'] }, by)
  await clients.update('new', { client_name: 'New' }, by)
  await clients.disable('new', true, by)
  await clients.disable('new', false)
  const rotated = await clients.rotateSecret('new', { overlap: 60, ...by })
  await clients.remove('new', by)
  await clients.remove('new', by)
  await clients.update('nobody', { client_name: 'x' }, by)

  expect(at.events('client.changed').map(({ clientId, change, by: who }) => [clientId, change, who])).toEqual(
    [
      ['new', 'created', 'admin:jane'],
      ['new', 'updated', 'admin:jane'],
      ['new', 'disabled', 'admin:jane'],
      ['new', 'enabled', undefined],
      ['new', 'secret_rotated', 'admin:jane'],
      ['new', 'removed', 'admin:jane'],
    ],
  )
  const text = JSON.stringify(at.raised)
  for (const shown of [made, rotated]) expect(text).not.toContain(shown?.client_secret)
})
