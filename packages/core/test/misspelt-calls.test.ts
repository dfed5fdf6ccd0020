import type { AuthorizationServer, ServerEventName, SignIn } from '@oauth-ratchet/core'
import { codeOf } from './setup/authorization.js'
import { liveGrants } from './setup/flow.js'
import { clientC, confidentialSecret, startServer } from './setup/test-server.js'
import { idOfGrant, issue } from './setup/tokens.js'

/** Calls as a program without types may make them. */
type Untyped = Record<string, (...parameters: unknown[]) => Promise<unknown>>
const untyped = (part: object) => part as unknown as Untyped

describe('a misspelt argument is refused, and nothing is issued or ended:', () => {
  test.each<[string, (server: AuthorizationServer) => [object, string], unknown[], string]>([
    [
      'grants.issue: scopes would give the whole scope',
      ({ grants }) => [grants, 'issue'],
      [{ clientId: 'app-a', subject: 'u2', scopes: 'read' }],
      'Did you mean "scope"?',
    ],
    [
      'grants.issue',
      ({ grants }) => [grants, 'issue'],
      [{ client_id: 'app-a', subject: 'u2' }],
      '"clientId"',
    ],
    ['grants.issue', ({ grants }) => [grants, 'issue'], [{ clientId: 'app-a', sub: 'u2' }], '"subject"'],
    [
      'grants.issue: a limit that is misspelt limits nothing',
      ({ grants }) => [grants, 'issue'],
      [{ clientId: 'app-a', subject: 'u2', lifetimes: { idel: 5 } }],
      '"idle"',
    ],
    ['grants.issue', ({ grants }) => [grants, 'issue'], ['app-a'], 'wants an object'],
    ['grants.issue', ({ grants }) => [grants, 'issue'], [], 'wants an object'],
    ['grants.revokeAll', ({ grants }) => [grants, 'revokeAll'], ['u1'], 'wants an object'],
    ['grants.revokeAll', ({ grants }) => [grants, 'revokeAll'], [], 'wants an object'],
    [
      'grants.revokeAll: without the filter it would end them all',
      ({ grants }) => [grants, 'revokeAll'],
      [{ subject: 'u1', sesion: 's' }],
      '"session"',
    ],
    [
      'grants.revokeAll',
      ({ grants }) => [grants, 'revokeAll'],
      [{ subject: 'u1', sessionId: 's' }],
      '"session"',
    ],
    [
      'grants.revokeAll',
      ({ grants }) => [grants, 'revokeAll'],
      [{ subject: 'u1', zzz: 1 }],
      'It has subject',
    ],
    ['grants.list', ({ grants }) => [grants, 'list'], ['u1'], 'wants an object'],
    ['grants.list', ({ grants }) => [grants, 'list'], [{ subject: 'u1', client_id: 'x' }], '"clientId"'],
    ['grants.update', ({ grants }) => [grants, 'update'], ['x', { scopes: 'read' }], '"scope"'],
    ['grants.update', ({ grants }) => [grants, 'update'], ['x', { lifetimes: { idel: 5 } }], '"idle"'],
    ['grants.revoke', ({ grants }) => [grants, 'revoke'], ['x', { sub: 'u1' }], '"subject"'],
    ['grants.revoke', ({ grants }) => [grants, 'revoke'], ['x', 'u1'], 'wants an object'],
    ['grants.revoke', ({ grants }) => [grants, 'revoke'], [{ id: 'x' }], 'not the grant'],
    ['grants.get', ({ grants }) => [grants, 'get'], [{ id: 'x' }], 'not the grant'],
    [
      'tokens.refresh: without the scope nothing would be narrowed',
      ({ tokens }) => [tokens, 'refresh'],
      [{ refreshToken: 'x', clientId: 'app-a', scopes: 'read' }],
      '"scope"',
    ],
    ['tokens.refresh', ({ tokens }) => [tokens, 'refresh'], [{ refresh_token: 'x' }], '"refreshToken"'],
    ['tokens.refresh', ({ tokens }) => [tokens, 'refresh'], ['x'], 'wants an object'],
    ['tokens.verify', ({ tokens }) => [tokens, 'verify'], ['x', { audiences: 'y' }], '"audience"'],
    ['tokens.verify', ({ tokens }) => [tokens, 'verify'], ['x', 'https://api.example'], 'wants an object'],
    [
      'clients.rotateSecret: without the overlap the old secret ends at once',
      ({ clients }) => [clients, 'rotateSecret'],
      ['x', { overlapp: 60 }],
      '"overlap"',
    ],
    ...(['get', 'nameOf', 'update', 'disable', 'remove', 'rotateSecret'] as const).map(
      (call): [string, (server: AuthorizationServer) => [object, string], unknown[], string] => [
        `clients.${call}: a whole client would count as no client, and go on being used`,
        ({ clients }) => [clients, call],
        [{ client_id: 'app-a' }, {}],
        'not the client',
      ],
    ),
    ['clients.create', ({ clients }) => [clients, 'create'], [], 'wants an object'],
    ['clients.create', ({ clients }) => [clients, 'create'], ['app-x'], 'wants an object'],
    ['clients.update', ({ clients }) => [clients, 'update'], ['app-x'], 'wants an object'],
    ['clients.update', ({ clients }) => [clients, 'update'], ['app-x', 'disabled'], 'wants an object'],
  ])('%s', async (_, member, parameters, hint) => {
    const at = startServer()
    const tokens = await issue(at)
    const [part, name] = member(at.server)

    const call = async () => untyped(part)[name]?.call(part, ...parameters)

    await expect(call()).rejects.toThrow(hint)
    await expect(call()).rejects.toThrow(TypeError)
    const live = await liveGrants(at.storage)
    expect(live.map(({ id }) => id)).toEqual([idOfGrant(tokens)])
  })

  test('grants.each', async () => {
    const { grants } = startServer().server
    const each = grants.each({ subject: 'u1', clientID: 'x' } as never)
    await expect(each.next()).rejects.toThrow('"clientId"')

    // It has none: the caller stops the loop.
    const limited = grants.each({ subject: 'u1', limit: 1 } as never)
    await expect(limited.next()).rejects.toThrow('no option "limit"')
  })

  test.each([
    ['create', { redirectUris: ['https://a.example/cb'] }, 'clients.unknown_member'],
    ['create', { clientId: 'x', grant_types: [] }, 'clients.unknown_member'],
    ['create', { redirect_uris: ['https://*.example/cb'] }, 'clients.redirect_uris'],
    ['create', { grant_types: ['authorization_code'] }, 'clients.redirect_uris'],
    ['create', { grant_types: ['password'] }, 'clients.grant_types'],
    ['update', { redirectUris: ['https://a.example/cb'] }, 'clients.unknown_member'],
    ['update', { grant_types: ['password'] }, 'clients.grant_types'],
    ['update', { allowed_origins: ['https://*.example'] }, 'clients.allowed_origins'],
  ] as const)('clients.%s(%j)', async (name, metadata, code) => {
    const { clients } = startServer().server
    await clients.create({ client_id: 'm', grant_types: ['client_credentials'] })

    const call = name === 'create' ? clients.create(metadata) : clients.update('m', metadata)

    await expect(call).rejects.toMatchObject({ name: 'ConfigurationError', code })
    expect(await clients.list()).toHaveLength(1)
  })
})

test('a stored client that a stricter check would refuse goes on, and can be disabled', async () => {
  const at = startServer()
  const { clients } = at.server
  const good = { client_id: 'm', redirect_uris: ['https://m.example/cb'] }
  const { client_secret: client_secret_of_m } = await clients.create(good)
  const [stored] = (await at.storage.clients.list({ limit: 1 })).clients
  if (stored === undefined) throw new Error('There is no stored client.')
  const data = stored.data.replace('"redirect_uris":["https://m.example/cb"]', '"redirectUris":["x"]')
  await at.storage.clients.save({ ...stored, data, revision: stored.revision + 1 }, stored.revision)

  const found = await at.introspectAs({
    token: 'x',
    client_id: 'm',
    client_secret: client_secret_of_m ?? '',
  })

  expect(found).toMatchObject({ status: 200, body: { active: false } })
  expect(await clients.disable('m')).toMatchObject({ disabled: true })
})

describe('a misspelt member of a sign-in', () => {
  test.each([
    [{ sub: 'u1' }],
    [{ userId: 'u1' }],
    [{ subject: 'u1', authtime: 5 }],
    [{ subject: 'u1', sessionId: 's' }],
    [{ subject: 'u1', claim: {} }],
    [{ subject: 'u1', lifetimes: { absolut: 60 } }],
  ])('is a fault of the callback that gave it: %j', async (signIn) => {
    const at = startServer({ authenticateUser: () => signIn as unknown as SignIn })

    const form = { grant_type: 'password', username: 'u', password: 'p', client_id: clientC.client_id }
    const answer = await at.token({ ...form, client_secret: confidentialSecret })

    expect(answer).toMatchObject({ status: 503 })
    expect(at.events('request.failed')).toMatchObject([
      { phase: 'callback', error: { message: expect.stringContaining('Did you mean') as string } },
    ])
  })

  test('is no other member, of which there may be any', async () => {
    const user = { subject: 'u1', userId: 7, email: 'a@b.example', role: 'admin', sessions: undefined }
    await expect(codeOf(startServer(), undefined, user)).resolves.toMatch(/^orc_/)
  })
})

describe('server.on and off', () => {
  const { server } = startServer()
  test.each([
    ['grant.reuse', 'Did you mean "grant.reuse_detected"?'],
    ['grant.reuseDetected', 'Did you mean "grant.reuse_detected"?'],
    ['requestFailed', 'Did you mean "request.failed"?'],
    ['error', 'It has grant.issued, '],
    ['toString', 'It has grant.issued, '],
  ])('refuse %s: nobody would ever hear of it', (name, hint) => {
    for (const call of ['on', 'off'] as const) {
      const subscribe = () => server[call](name as ServerEventName, () => {})
      expect(subscribe).toThrow(expect.objectContaining({ code: 'events.unknown' }) as Error)
      expect(subscribe).toThrow(hint)
    }
  })

  test('refuse a listener that is no function', () => {
    expect(() => server.on('request.failed', undefined as never)).toThrow(
      expect.objectContaining({ code: 'events.listener' }) as Error,
    )
  })
})
