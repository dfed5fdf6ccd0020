import { authorizationQuery, authorize, codeOf, getRequest, redemption } from '../setup/authorization.js'
import { CountingStorage } from '../setup/counting-storage.js'
import { basic, clientC, confidentialSecret, formRequest, startServer } from '../setup/test-server.js'
import type { TestServer } from '../setup/test-server.js'
import { expectAlive, expectDead, idOfGrant, issue, tokensOf } from '../setup/tokens.js'

const unavailable = {
  status: 503,
  headers: expect.objectContaining({ 'retry-after': '30' }) as unknown,
  body: { error: 'temporarily_unavailable' },
}
const refused = { code: 'temporarily_unavailable', status: 503, retryAfter: 30 }

const forClient = (at: TestServer) =>
  at.token({ grant_type: 'client_credentials' }, { headers: basic(clientC.client_id, confidentialSecret) })

describe('while the server is in maintenance', () => {
  test('the token endpoint answers 503 with Retry-After to every grant type, without a storage call', async () => {
    const counting = new CountingStorage()
    const at = startServer({ storage: counting.storage })
    const [tokens, code] = [await issue(at), await codeOf(at)]
    at.server.maintenance.on()

    const calls = await counting.during(async () => {
      expect(await at.refresh(tokens.refresh_token)).toMatchObject(unavailable)
      expect(await at.token(redemption(code))).toMatchObject(unavailable)
      expect(await forClient(at)).toMatchObject(unavailable)
    })

    expect(calls).toEqual([])
  })

  test('nothing is consumed: afterwards the refresh token and the code are good', async () => {
    const at = startServer()
    const [tokens, code] = [await issue(at), await codeOf(at)]
    at.server.maintenance.on()
    await at.refresh(tokens.refresh_token)
    await at.token(redemption(code))

    at.server.maintenance.off()

    tokensOf(await at.refresh(tokens.refresh_token))
    tokensOf(await at.token(redemption(code)))
    expect(at.raised.filter(({ name }) => name !== 'grant.issued' && name !== 'grant.turned')).toEqual([])
  })

  test('a page may read the 503 of the token endpoint', async () => {
    const at = startServer()
    at.server.maintenance.on()
    const answer = await at.token({}, { headers: { origin: 'https://a.example' } })
    expect(answer.headers).toHaveProperty('access-control-allow-origin')
  })

  test('the authorization endpoint begins nothing, and grants nothing that was begun before', async () => {
    const at = startServer()
    const endpoint = at.server.endpoints.authorization()
    const pending = await endpoint.begin(getRequest(authorizationQuery()))
    at.server.maintenance.on()

    await expect(authorize(at)).rejects.toMatchObject(refused)
    await expect(endpoint.grant(pending, { subject: 'u1' }, pending.scope)).rejects.toMatchObject(refused)

    expect((await at.storage.grants.scan({ limit: 10 })).grants).toEqual([])
  })

  test('grants.issue, grants.update and tokens.refresh throw it', async () => {
    const at = startServer()
    const tokens = await issue(at)
    at.server.maintenance.on()

    await expect(issue(at)).rejects.toMatchObject(refused)
    await expect(at.server.grants.update(idOfGrant(tokens), { metadata: {} })).rejects.toMatchObject(refused)
    await expect(
      at.server.tokens.refresh({ refreshToken: tokens.refresh_token, clientId: 'app-a' }),
    ).rejects.toMatchObject(refused)
  })

  test('clients are not changed, which a copy could miss; but one can be disabled, and its grants ended', async () => {
    const at = startServer()
    const { clients } = at.server
    await clients.create({ client_id: 'stored', grant_types: ['client_credentials'] })
    const before = await clients.get('stored')
    at.server.maintenance.on()

    for (const change of [
      clients.create({ grant_types: ['client_credentials'] }),
      clients.update('stored', { scope: 'read' }),
      clients.update('stored', { scope: 'read', disabled: true }),
      clients.disable('stored', false),
      clients.rotateSecret('stored'),
      clients.remove('stored'),
    ]) {
      await expect(change).rejects.toMatchObject({ ...refused, reason: 'maintenance' })
    }
    expect(await clients.list()).toEqual([before])

    expect(await clients.disable('stored')).toMatchObject({ disabled: true })
    expect(await at.server.grants.revokeAll({ clientId: 'stored' })).toBe(0)
    expect(await clients.get('stored')).toHaveProperty('grants_not_before')
  })

  test('access tokens are checked, sessions listed and ended, keys and metadata read', async () => {
    const at = startServer()
    const [one, two, three] = [await issue(at), await issue(at), await issue(at)]
    at.server.maintenance.on()

    await expectAlive(at, { access_token: one.access_token })
    expect(await at.server.tokens.verify(one.access_token)).toMatchObject({ subject: 'u1' })
    expect(at.server.endpoints.jwks().status).toBe(200)
    expect(at.server.endpoints.metadata().status).toBe(200)
    expect(await at.revoke({ token: one.refresh_token, client_id: 'app-a' })).toMatchObject({ status: 200 })
    expect(await at.server.grants.list({ subject: 'u1' })).toHaveLength(2)
    expect(await at.server.grants.revoke(idOfGrant(two))).toBe(true)
    expect(await at.server.grants.revokeAll({ subject: 'u1' })).toBe(1)

    at.server.maintenance.off()
    for (const tokens of [one, two, three]) await expectDead(at, tokens)
  })

  test('Retry-After is what it was switched on with', async () => {
    const at = startServer()
    at.server.maintenance.on({ retryAfter: 600 })
    expect((await at.refresh('x')).headers).toMatchObject({ 'retry-after': '600' })
    at.server.maintenance.on({ retryAfter: 5.2 })
    expect((await at.refresh('x')).headers).toMatchObject({ 'retry-after': '6' })
    for (const retryAfter of [0, -1, Number.NaN, 1e9, '5'])
      expect(() => at.server.maintenance.on({ retryAfter: retryAfter as number })).toThrow(RangeError)
    expect(() => at.server.maintenance.on({ retry: 5 } as object)).toThrow(TypeError)
  })
})

describe('the option maintenance', () => {
  test('is a switch that processes share, beside their own', async () => {
    let on = false
    const at = startServer({ maintenance: () => on })
    const tokens = await issue(at)
    expect(at.server.maintenance.isOn).toBe(false)
    on = true
    expect(at.server.maintenance.isOn).toBe(true)
    at.server.maintenance.off()

    expect(await at.refresh(tokens.refresh_token)).toMatchObject(unavailable)

    on = false
    tokensOf(await at.refresh(tokens.refresh_token))
  })

  test.each<[string, () => boolean]>([
    [
      'throws',
      () => {
        throw new Error('no flag')
      },
    ],
    ['answers a promise', (() => Promise.resolve(false)) as unknown as () => boolean],
  ])('that %s is a fault of the callback: a 503 that consumes nothing', async (_, maintenance) => {
    const at = startServer({ maintenance })

    const { status } = await at.server.endpoints.token(formRequest({ grant_type: 'refresh_token' }, {}))

    expect(status).toBe(503)
    expect(at.events('request.failed')).toMatchObject([{ phase: 'callback' }])
  })

  test('is refused at start where it is no function', () => {
    expect(() => startServer({ maintenance: true as never })).toThrow(/maintenance must be a function/)
  })
})
