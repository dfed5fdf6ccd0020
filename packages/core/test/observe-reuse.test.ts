import { createAuthorizationServer, MemoryStorage } from '@oauth-ratchet/core'
import type { AuthorizationServerOptions } from '@oauth-ratchet/core'
import { codeOf, redemption } from './setup/authorization.js'
import { Clock } from './setup/clock.js'
import { clientA, clientB, issuer, secret, startServer } from './setup/test-server.js'
import { expectAlive, expectDead, idOfGrant, issue, tokensOf } from './setup/tokens.js'

const day = 86_400
const invalidGrant = { status: 400, body: { error: 'invalid_grant' } }

let warnings: jest.SpyInstance
beforeEach(() => void (warnings = jest.spyOn(process, 'emitWarning').mockImplementation(() => {})))
afterEach(() => warnings.mockRestore())

const warned = (): string[] =>
  warnings.mock.calls
    .filter(([, options]) => (options as { code: string }).code === 'OAUTH_RATCHET_OBSERVE_REUSE')
    .map(([text]) => String(text))

const clock = new Clock()
const inDays = (days: number): number => clock.now() / 1000 + days * day

function observing(
  observeReuse: NonNullable<AuthorizationServerOptions['refreshToken']>['observeReuse'] = {
    until: inDays(30),
  },
  options: Partial<AuthorizationServerOptions> = {},
) {
  return startServer({ refreshToken: { observeReuse }, ...options }, new Clock())
}

describe('while reuse is observed', () => {
  test.each<[string, Partial<AuthorizationServerOptions>, Readonly<Record<string, string>>]>([
    ['by the turn', {}, {}],
    ['by a look before it', { isSubjectActive: () => true }, {}],
    ['by a look before it for a scope', {}, { scope: 'read' }],
  ])('a spent token found %s is refused, told, and ends nothing', async (_, options, form) => {
    const at = observing(undefined, options)
    const first = await issue(at)
    const second = tokensOf(await at.refresh(first.refresh_token))

    expect(await at.refresh(first.refresh_token, form)).toMatchObject(invalidGrant)
    expect(await at.refresh(first.refresh_token, form)).toMatchObject(invalidGrant)

    await expectAlive(at, second)
    await expectAlive(at, { access_token: first.access_token })
    const base = { observed: true, grantId: idOfGrant(first), distance: 1, cause: 'second_tab' }
    expect(at.events('grant.reuse_detected')).toEqual([
      expect.objectContaining(base),
      expect.objectContaining(base),
    ])
    expect(at.events('grant.revoked')).toEqual([])
    expect(await at.refresh(second.refresh_token)).toMatchObject({ status: 200 })
  })

  test('server.tokens.refresh does the same', async () => {
    const at = observing()
    const first = await issue(at)
    const second = tokensOf(await at.refresh(first.refresh_token))
    const spent = { refreshToken: first.refresh_token, clientId: 'app-a' }

    await expect(at.server.tokens.refresh(spent)).rejects.toMatchObject({ code: 'invalid_grant' })

    await expectAlive(at, second)
    expect(at.events('grant.reuse_detected')).toEqual([expect.objectContaining({ observed: true })])
  })

  test('a thief who came first stays in, and the owner is the one who is refused', async () => {
    const at = observing()
    const owned = await issue(at)
    const stolen = tokensOf(await at.refresh(owned.refresh_token, {}, { address: '203.0.113.9' }))

    expect(await at.refresh(owned.refresh_token)).toMatchObject(invalidGrant)

    expect(await at.refresh(stolen.refresh_token)).toMatchObject({ status: 200 })
  })

  test('of 20 uses of one token at once one turns all the same, and the chain does not fork', async () => {
    const at = observing()
    const first = await issue(at)

    const answers = await Promise.all(Array.from({ length: 20 }, () => at.refresh(first.refresh_token)))

    const winners = answers.filter(({ status }) => status === 200)
    expect(winners).toHaveLength(1)
    expect(at.events('grant.reuse_detected')).toHaveLength(19)
    for (const winner of winners) await expectAlive(at, tokensOf(winner))
  })

  test('a code that comes twice ends its grant, as ever', async () => {
    const at = observing()
    const code = await codeOf(at)
    const tokens = tokensOf(await at.token(redemption(code)))

    expect(await at.token(redemption(code))).toMatchObject(invalidGrant)

    await expectDead(at, tokens)
    const [detected = {}] = at.events('grant.reuse_detected')
    expect(detected).toMatchObject({ reason: 'code_replay' })
    expect(detected).not.toHaveProperty('observed')
  })

  test('revoking with a spent token ends the grant, as ever: a log-out is no reuse', async () => {
    const at = observing()
    const first = await issue(at)
    const second = tokensOf(await at.refresh(first.refresh_token))

    await at.revoke({ token: first.refresh_token, client_id: 'app-a' })

    await expectDead(at, second)
  })

  test('a turn is still one storage call, and so is a refusal', async () => {
    const storage = new MemoryStorage()
    const calls = [
      jest.spyOn(storage.grants, 'turn'),
      jest.spyOn(storage.grants, 'find'),
      jest.spyOn(storage.grants, 'revoke'),
    ]
    const at = observing(undefined, { storage })
    const first = await issue(at)
    await at.refresh(first.refresh_token)
    await at.refresh(first.refresh_token)

    expect(calls.map((spy) => spy.mock.calls.length)).toEqual([2, 0, 0])
  })
})

describe('observing ends', () => {
  test('at its date, without a restart: reuse then ends the grant', async () => {
    const at = observing()
    const first = await issue(at)
    const second = tokensOf(await at.refresh(first.refresh_token))
    at.clock.advance(29 * day)
    await at.refresh(first.refresh_token)
    const third = tokensOf(await at.refresh(second.refresh_token))
    at.clock.advance(day)

    expect(await at.refresh(first.refresh_token)).toMatchObject(invalidGrant)

    await expectDead(at, third)
    expect(at.events('grant.reuse_detected').map(({ observed }) => observed)).toEqual([true, undefined])
  })

  test('for a date that is over before it began: the server starts, says nothing and ends grants', async () => {
    const at = observing({ until: inDays(-1) })
    const first = await issue(at)
    const second = tokensOf(await at.refresh(first.refresh_token))
    await at.refresh(first.refresh_token)

    await expectDead(at, second)
    expect(warned()).toEqual([])
  })
})

/** By client: whether reuse ended its grant. */
async function outcomes(options: Parameters<typeof startServer>[0]): Promise<Record<string, boolean>> {
  const at = startServer(options)
  const ended: Record<string, boolean> = {}
  for (const clientId of ['app-a', 'app-b']) {
    const first = await issue(at, { clientId })
    await at.refresh(first.refresh_token, { client_id: clientId })
    await at.refresh(first.refresh_token, { client_id: clientId })
    ended[clientId] = at.events('grant.revoked').some((event) => event['clientId'] === clientId)
  }
  return ended
}

describe('for some clients only', () => {
  test('the option names them', async () => {
    const refreshToken = { observeReuse: { until: inDays(30), clients: ['app-b'] } }

    expect(await outcomes({ refreshToken })).toEqual({ 'app-a': true, 'app-b': false })
    expect(warned()).toEqual([expect.stringContaining('app-b')])
  })

  test('an empty list is no client, and nothing is warned of', async () => {
    const refreshToken = { observeReuse: { until: inDays(30), clients: [] } }

    expect(await outcomes({ refreshToken })).toEqual({ 'app-a': true, 'app-b': true })
    expect(warned()).toEqual([])
  })

  test.each<[string, (clients: readonly (typeof clientA)[]) => AuthorizationServerOptions['clients']]>([
    ['of a list', (clients) => clients],
    ['of a function', (clients) => (id) => clients.find(({ client_id }) => client_id === id)],
  ])('the metadata %s name them, and are warned of once each', async (_, given) => {
    const clients = given([clientA, { ...clientB, reuse_observe_until: inDays(30) } as typeof clientA])

    expect(await outcomes({ clients })).toEqual({ 'app-a': true, 'app-b': false })
    expect(warned()).toEqual([expect.stringContaining('client app-b until')])
  })

  test('so do those of a stored client', async () => {
    const at = startServer()
    const { client_id: _, ...browser } = clientB
    await at.server.clients.create({ ...browser, client_id: 'stored', reuse_observe_until: inDays(30) })
    const first = await issue(at, { clientId: 'stored' })
    await at.refresh(first.refresh_token, { client_id: 'stored' })
    await at.refresh(first.refresh_token, { client_id: 'stored' })

    expect(at.events('grant.reuse_detected')).toEqual([expect.objectContaining({ observed: true })])
    expect(at.events('grant.revoked')).toEqual([])
    expect(warned()).toHaveLength(1)
  })
})

describe('at start', () => {
  const start = (observeReuse: unknown, metadata: object = {}) =>
    createAuthorizationServer({
      issuer,
      secrets: [secret],
      storage: new MemoryStorage(),
      scopes: ['read', 'write'],
      clients: [{ ...clientA, ...metadata }],
      now: clock.now,
      sweepInterval: 0,
      refreshToken: { observeReuse: observeReuse as never },
    })

  test('it is warned of, with the date, what it costs and whom it is for', () => {
    start({ until: new Date(clock.now() + 30 * day * 1000) })

    expect(warned()).toEqual([
      expect.stringMatching(/every client until \d{4}-\d\d-\d\dT.*a thief who used the token first stays/),
    ])
  })

  test.each([
    ['no date', {}],
    ['a date 91 days ahead', { until: inDays(91) }],
    ['a date in milliseconds', { until: clock.now() }],
    ['true', true],
    ['a misspelt member', { until: inDays(1), client: ['app-a'] }],
    ['clients that are no list', { until: inDays(1), clients: 'app-a' }],
  ])('%s is refused', (_, option) => {
    expect(() => start(option)).toThrow(
      expect.objectContaining({ code: expect.stringMatching(/^refreshToken\.observeReuse/) as string }),
    )
  })

  test.each([
    ['91 days ahead', inDays(91)],
    ['in milliseconds', clock.now()],
    ['as text', '2026-12-24'],
  ])("a client's date %s is refused", (_, until) => {
    expect(() => start(undefined, { reuse_observe_until: until })).toThrow(
      expect.objectContaining({ code: 'clients.reuse_observe_until' }),
    )
  })
})
