import { randomBytes } from 'node:crypto'
import { inspect } from 'node:util'
import { createAuthorizationServer, MemoryStorage } from '@oauth-ratchet/core'
import type { AuthorizationServerOptions, ConfigurationError } from '@oauth-ratchet/core'
import { clientA, clientC, secret } from './setup/test-server.js'

const good = {
  issuer: 'https://auth.example.com',
  secrets: [secret],
  storage: new MemoryStorage(),
  clients: [clientA],
  scopes: ['read', 'write'],
}

/** Options as a program without types may give them. */
function make(over: Readonly<Record<string, unknown>>) {
  const options: unknown = { ...good, ...over }
  return createAuthorizationServer(options as AuthorizationServerOptions)
}

function errorOf(over: Readonly<Record<string, unknown>>): ConfigurationError {
  try {
    make(over)
  } catch (error) {
    return error as ConfigurationError
  }
  throw new Error('There was no error.')
}

const client = (over: Readonly<Record<string, unknown>>) => ({ clients: [{ ...clientA, ...over }] })
const wrong: [string, Readonly<Record<string, unknown>>][] = [
  ['options.unknown', { isSubjectActiv: () => true }],
  ['options.unknown', { reuseGrace: 10 }],
  ['options.unknown', { accessToken: { fromat: 'jwt' } }],
  ['options.unknown', { refreshToken: { idleLifeTime: 5 } }],
  ['options.unknown', { authorizationCode: { pkce: true } }],
  ['options.unknown', { throttle: { limit: 3 } }],
  ['options.unknown', { secret: [secret] }],
  ['options.unknown', { throttle: { window: 5, windowMs: 5 } }],
  ['refreshToken.idleLifetime.range', { refreshToken: { idleLifetime: 30 * 86_400_000 } }],
  ['refreshToken.absoluteLifetime.range', { refreshToken: { absoluteLifetime: 11 * 365 * 86_400 } }],
  ['accessToken.lifetime.range', { accessToken: { lifetime: 900_000 } }],
  ['clients.unknown_member', client({ redirect_uris: undefined, redirectUris: ['https://a.example/cb'] })],
  ['clients.unknown_member', client({ redirect_uris: undefined, redirect_uri: 'https://a.example/cb' })],
  ['clients.unknown_member', client({ redirect_uris: undefined, callbackUrls: ['https://a.example/cb'] })],
  ['clients.unknown_member', client({ grant_types: undefined, grantTypes: ['refresh_token'] })],
  ['clients.unknown_member', client({ scope: undefined, scopes: ['read'] })],
  ['clients.unknown_member', client({ allowedOrigins: ['https://a.example'] })],
  ['clients.unknown_member', client({ may_introspct: 'any' })],
  ['clients.grant_types', client({ grant_types: ['refresh-token'] })],
  ['clients.grant_types', client({ grant_types: ['password'] })],
  ['clients.redirect_uris', client({ redirect_uris: undefined })],
  ['clients.redirect_uris', client({ redirect_uris: undefined, grant_types: undefined })],
  ['clients.redirect_uris', client({ redirect_uris: ['https://*.example/cb'] })],
  ['clients.redirect_uris', client({ redirect_uris: ['https://a.example/*'] })],
  ['clients.allowed_origins', client({ allowed_origins: ['https://*.example'] })],
  ['options.unknown', { toString: () => 'what every object has, and is no option' }],
  ['options.invalid', { accessToken: 'jwt' }],
  ['options.invalid', { refreshToken: null }],
  ['callbacks.invalid', { isSubjectActive: true }],
  ['callbacks.invalid', { authenticateUser: null }],
  ['callbacks.invalid', { now: 5 }],
  ['callbacks.invalid', { accessToken: { claims: { a: 1 } } }],
  ['realm.invalid', { realm: '' }],
  ['realm.invalid', { realm: 5 }],
  ['clients.invalid', { clients: {} }],
  ['clients.client_id', { clients: [null] }],
  ['clients.disabled', client({ disabled: 'true' })],
  ['issuer.invalid', { issuer: 'https://auth.example.com\n' }],
  ['issuer.invalid', { issuer: ' https://auth.example.com' }],
  ['issuer.invalid', { issuer: 'https://auth.example.com/"x' }],
  ['issuer.invalid', { issuer: 'https://例え.example' }],
  ['scopes.invalid', { scopes: 'read write' }],
  ['scopes.invalid', { scopes: new Set(['read']) }],
  ['scopes.invalid', { scopes: new Map([['read', 'x']]) }],
  ['storage.missing', { storage: { grants: new MemoryStorage().grants } }],
  ['refreshToken.require', { refreshToken: { require: 'offline' } }],
  ['unknownScopes.invalid', { unknownScopes: 'drop' }],
  ['unknownScopes.invalid', { unknownScopes: true }],
  ['grantsNotBefore.invalid', { grantsNotBefore: Date.now() }],
  ['clients.grants_not_before', client({ grants_not_before: Date.now() })],
  ['clients.allowed_origins', client({ allowed_origins: ['capacitor://localhost/x'] })],
  ['accessToken.signingKeys', { accessToken: { signingKeys: 'x' } }],
  ['accessToken.signingKeys', { accessToken: { signingKeys: [null] } }],
  ['issuer.invalid', { issuer: undefined }],
  ['issuer.invalid', { issuer: 'auth.example.com' }],
  ['issuer.invalid', { issuer: 'https:auth.example.com' }],
  ['issuer.invalid', { issuer: 'https:///auth.example.com' }],
  ['issuer.invalid', { issuer: 'https://auth.example.com?x=1' }],
  ['issuer.invalid', { issuer: 'https://auth.example.com#' }],
  ['issuer.invalid', { issuer: 'https://user:pass@auth.example.com' }],
  ['issuer.invalid', { issuer: 'https://:pass@auth.example.com' }],
  ['issuer.insecure', { issuer: 'http://auth.example.com' }],
  ['issuer.insecure', { issuer: 'ftp://auth.example.com' }],
  ['issuer.insecure', { issuer: 'http://127.0.0.1.example.com' }],
  ['issuer.insecure', { issuer: 'http://localhost.example.com' }],
  ['issuer.insecure', { issuer: 'http://notlocalhost:3000' }],
  ['issuer.insecure', { issuer: 'http://auth:3000' }],
  ['issuer.insecure', { issuer: 'http://192.168.1.5:3000' }],
  ['allowInsecureIssuer.invalid', { allowInsecureIssuer: true }],
  ['allowInsecureIssuer.invalid', { allowInsecureIssuer: 'public' }],
  ['basePath.invalid', { basePath: 'oauth' }],
  ['basePath.invalid', { basePath: '/oauth/' }],
  ['basePath.invalid', { basePath: '/o?x' }],
  ['basePath.invalid', { basePath: 5 }],
  ['secrets.missing', { secrets: undefined }],
  ['secrets.missing', { secrets: [] }],
  ['secrets.missing', { secrets: [undefined] }],
  ['secrets.missing', { secrets: [secret, ''] }],
  ['secrets.missing', { secrets: secret }],
  ['secrets.short', { secrets: ['x'.repeat(31)] }],
  ['secrets.short', { secrets: [secret, Buffer.from('too short')] }],
  ['secrets.invalid', { secrets: [5] }],
  ['secrets.weak', { secrets: ['password-password-password-password'] }],
  ['secrets.weak', { secrets: [secret, new Uint8Array(32).fill(7)] }],
  ['secrets.repeated', { secrets: [secret, secret] }],
  ['storage.missing', { storage: undefined }],
  ['storage.missing', { storage: {} }],
  ['scopes.invalid', { scopes: ['two words'] }],
  ['scopes.invalid', { scopes: ['"'] }],
  ['scopes.invalid', { scopes: [''] }],
  ['scopes.invalid', { scopes: { é: 'x' } }],
  ['scopes.invalid', { scopes: [5] }],
  ['accessToken.format', { accessToken: { format: 'JWT' } }],
  ['accessToken.lifetime.range', { accessToken: { lifetime: 0 } }],
  ['accessToken.lifetime.range', { accessToken: { lifetime: Number.NaN } }],
  ['accessToken.lifetime.range', { accessToken: { lifetime: '900' } }],
  ['accessToken.audience', { accessToken: { audience: [] } }],
  ['accessToken.audience', { accessToken: { audience: '' } }],
  ['refreshToken.unlimited', { refreshToken: { idleLifetime: null, absoluteLifetime: null } }],
  ['refreshToken.idleLifetime.range', { refreshToken: { idleLifetime: -1 } }],
  ['refreshToken.absoluteLifetime.range', { refreshToken: { absoluteLifetime: Number.POSITIVE_INFINITY } }],
  ['refreshToken.reuseGrace.range', { refreshToken: { reuseGrace: -1 } }],
  ['refreshToken.reuseGrace.range', { refreshToken: { reuseGrace: 301 } }],
  ['refreshToken.acceptAhead.range', { refreshToken: { acceptAhead: 1.5 } }],
  ['refreshToken.acceptAhead.range', { refreshToken: { acceptAhead: 101 } }],
  ['refreshToken.maxPerSubjectAndClient.range', { refreshToken: { maxPerSubjectAndClient: 0 } }],
  ['refreshToken.require', { refreshToken: { require: 'openid' } }],
  ['authorizationCode.lifetime.range', { authorizationCode: { lifetime: 601 } }],
  ['authorizationCode.requirePkce', { authorizationCode: { requirePkce: 'never' } }],
  ['storageTimeout.range', { storageTimeout: 0 }],
  ['callbackTimeout.range', { callbackTimeout: 0 }],
  ['sweepInterval.range', { sweepInterval: -1 }],
  ['throttle.attempts.range', { throttle: { attempts: 0 } }],
  ['throttle.window.range', { throttle: { window: 0 } }],
  ['grantsNotBefore.invalid', { grantsNotBefore: new Date(Number.NaN) }],
  ['grantsNotBefore.invalid', { grantsNotBefore: 'today' }],
  ['clients.client_id', client({ client_id: '' })],
  ['clients.client_id', client({ client_id: undefined })],
  ['clients.client_id', client({ client_id: 'é' })],
  ['clients.client_secret', client({ client_secret: 'a secret from a file, with its line break\n' })],
  ['clients.client_id', client({ client_id: 'x'.repeat(256) })],
  ['clients.token_endpoint_auth_method', client({ token_endpoint_auth_method: 'private_key_jwt' })],
  ['clients.client_secret', { clients: [{ ...clientC, client_secret: undefined }] }],
  ['clients.client_secret', { clients: [{ ...clientC, client_secret: 5 }] }],
  ['clients.grant_types', client({ grant_types: ['implicit'] })],
  ['clients.grant_types', client({ grant_types: 'refresh_token' })],
  ['clients.grant_types', client({ grant_types: ['client_credentials'] })],
  ['clients.redirect_uris', client({ redirect_uris: [] })],
  ['clients.redirect_uris', client({ redirect_uris: ['/cb'] })],
  ['clients.redirect_uris', client({ redirect_uris: ['https://a.example/cb#x'] })],
  ['clients.redirect_uris', client({ redirect_uris: ['javascript:alert(1)'] })],
  ['clients.redirect_uris', client({ redirect_uris: ['data:text/html,x'] })],
  ['clients.redirect_uris', client({ redirect_uris: ['http://a.example/cb'] })],
  ['clients.redirect_uris', client({ redirect_uris: ['https://user@a.example/cb'] })],
  ['clients.redirect_uris', client({ redirect_uris: ['https://a.example/c b'] })],
  ['clients.redirect_uris', client({ redirect_uris: [5] })],
  ['clients.scope', client({ scope: ['read'] })],
  ['clients.may_introspect', client({ may_introspect: 'all' })],
  ['clients.may_introspect', client({ may_introspect: 'any', token_endpoint_auth_method: 'none' })],
  ['clients.grants_not_before', client({ grants_not_before: '2026' })],
  ['clients.allowed_origins', client({ allowed_origins: ['https://a.example/'] })],
  ['clients.allowed_origins', client({ allowed_origins: ['*'] })],
  ['clients.allowed_origins', client({ allowed_origins: ['null'] })],
]

describe('an option that cannot work is refused when the server is made', () => {
  test.each(wrong)('%s: %j', (code, over) => {
    const error = errorOf(over)

    expect(error).toMatchObject({ name: 'ConfigurationError', code })
    expect(error.message.length).toBeGreaterThan(20)
  })

  test('the error never shows a secret', () => {
    for (const over of [
      { secrets: ['a short secret'] },
      { secrets: [secret, secret] },
      { clients: [{ ...clientC, grant_types: ['x'] }] },
    ]) {
      const { message } = errorOf(over)
      for (const each of ['a short secret', secret, clientC.client_secret])
        expect(message).not.toContain(each)
    }
  })

  test.each<[Readonly<Record<string, unknown>>, string]>([
    [{ isSubjectActiv: () => true }, 'Did you mean "isSubjectActive"?'],
    [{ secret: [secret] }, 'Did you mean "secrets"?'],
    [{ reuseGrace: 10 }, 'It belongs into refreshToken.'],
    [{ lifetime: 10 }, 'It belongs into accessToken or authorizationCode.'],
    [{ refreshToken: { idle_lifetime: 5 } }, 'Did you mean "idleLifetime"?'],
    [{ accessToken: { fromat: 'jwt' } }, 'Did you mean "format"?'],
    [{ zzz: 1 }, 'It has issuer, basePath, secrets'],
    [client({ redirect_uris: undefined, redirectUris: [] }), 'Did you mean "redirect_uris"?'],
    [client({ redirect_uris: undefined, redirect_uri: '' }), 'Did you mean "redirect_uris"?'],
    [client({ grant_types: undefined, grantTypes: [] }), 'Did you mean "grant_types"?'],
    [client({ grant_types: ['refresh-token'] }), 'Did you mean "refresh_token"?'],
    [client({ grant_types: ['refresh'] }), 'Did you mean "refresh_token"?'],
    [client({ grant_types: ['password'] }), 'without authenticateUser'],
    [{ refreshToken: { idleLifetime: 2_592_000_000 } }, 'It is in seconds: 2592000,'],
    [{ callbackTimeout: 5000 }, 'It is in seconds: 5,'],
  ])('%j: the error names what was probably meant', (over, hint) => {
    expect(errorOf(over).message).toContain(hint)
  })

  test('no options at all', () => {
    const create = createAuthorizationServer as (options?: unknown) => unknown
    expect(() => create()).toThrow(expect.objectContaining({ code: 'options.invalid' }) as Error)
  })

  test('a string where a number is wanted is shown with its quotes', () => {
    expect(errorOf({ refreshToken: { reuseGrace: '10' } }).message).toContain('is "10"')
  })

  test('a client that is named in the error can be found', () => {
    expect(errorOf(client({ redirect_uris: ['/cb'] })).message).toContain('app-a')
  })

  test('two clients of one id are refused: one of them would never be found', () => {
    expect(() => make({ clients: [clientA, { ...clientA, scope: 'read' }] })).toThrow(
      expect.objectContaining({ code: 'clients.repeated' }) as Error,
    )
  })
})

describe('options that work', () => {
  test('a client that is registered for a scope which there is not is warned of', () => {
    const warn = jest.spyOn(process, 'emitWarning').mockImplementation()
    make(client({ scope: 'read notes:raed' }))
    expect(warn).toHaveBeenCalledWith(
      expect.stringContaining('notes:raed'),
      expect.objectContaining({ code: 'OAUTH_RATCHET_UNKNOWN_SCOPE' }),
    )
    warn.mockRestore()
  })

  test('offline_access is no unknown scope of a client that may refresh, and one of a client that may not', () => {
    const warn = jest.spyOn(process, 'emitWarning').mockImplementation()
    make(client({ scope: 'read offline_access', grant_types: ['authorization_code', 'refresh_token'] }))
    expect(warn).not.toHaveBeenCalled()

    make(client({ scope: 'read offline_access', grant_types: ['authorization_code'] }))
    expect(warn).toHaveBeenCalledTimes(1)
    warn.mockRestore()
  })

  test.each([
    [{ idleLifetime: 200 * 86_400 }, 1],
    [{ idleLifetime: 60, absoluteLifetime: 30 }, 1],
    [{ idleLifetime: 86_400_000 }, 1],
    [{ absoluteLifetime: 86_400 }, 0],
    [{ idleLifetime: 60, absoluteLifetime: 60 }, 0],
    [{ idleLifetime: 60, absoluteLifetime: null }, 0],
    [{ idleLifetime: null, absoluteLifetime: 60 }, 0],
  ])('an idle limit that ends no grant is warned of: %j', (refreshToken, warnings) => {
    const warn = jest.spyOn(process, 'emitWarning').mockImplementation()
    make({ refreshToken })
    const codes = warn.mock.calls.map(([, options]) => (options as { code?: unknown }).code)
    warn.mockRestore()
    expect(codes).toEqual(Array(warnings).fill('OAUTH_RATCHET_IDLE_LIFETIME'))
  })

  test('the settings of a server tell no secret', () => {
    expect(inspect(make({}).settings, { depth: 5 })).not.toContain(secret)
  })

  test('a clock with fractions is read in whole milliseconds', () => {
    expect(make({ now: () => 1_793_491_200_000.75 }).settings.now()).toBe(1_793_491_200_000)
  })

  test('seconds with a fraction become whole milliseconds, which every storage takes', () => {
    const { settings } = make({ refreshToken: { idleLifetime: 2.01, absoluteLifetime: 524.21 } })
    expect([settings.idleLifetimeMs, settings.absoluteLifetimeMs]).toEqual([2010, 524_210])
  })

  test.each([
    [{ issuer: 'https://auth.example.com/t1' }],
    [{ issuer: 'http://localhost:3000' }],
    [{ issuer: 'http://127.0.0.1:3000' }],
    [{ issuer: 'http://[::1]:3000' }],
    [{ issuer: 'http://app.localhost:3000' }],
    [{ issuer: 'http://a.b.localhost' }],
    [{ allowInsecureIssuer: undefined }],
    [{ basePath: '' }],
    [{ basePath: '/a/b-c.d~e' }],
    [{ secrets: [randomBytes(32), randomBytes(16).toString('hex'), secret] }],
    [{ scopes: { read: 'Read', 'urn:x:write': 'Write' } }],
    [{ refreshToken: { idleLifetime: null } }],
    [{ refreshToken: { absoluteLifetime: null } }],
    [{ refreshToken: { maxPerSubjectAndClient: null } }],
    [{ throttle: false }],
    [{ grantsNotBefore: 1_700_000_000 }],
    [{ clients: [] }],
    [client({ redirect_uris: undefined, grant_types: ['refresh_token'] })],
    [client({ redirect_uris: ['com.example.app:/cb', 'http://localhost/cb', 'http://[::1]/cb'] })],
    [client({ redirect_uris: ['http://app.localhost:3000/cb'] })],
    [client({ unheard_of: 'is kept' })],
    [{ clients: [{ ...clientC, client_secret: 'weak' }], authenticateUser: () => null }],
    [client({ redirectUris: ['a database row has both'], scopes: undefined })],
    [client({ logo_uri: 'https://a.example/x.png', request_uris: [], 'client_name#de': 'Notizen' })],
    [client({ client_uri: 'https://a.example', tenant: 'is kept' })],
    [{ basePath: undefined, accessToken: undefined, clients: undefined }],
  ])('%j', (over) => {
    expect(() => make(over as Record<string, unknown>)).not.toThrow()
  })

  test('have the defaults of the documentation', () => {
    expect(make({}).settings).toMatchObject({
      basePath: '/oauth',
      realm: 'https://auth.example.com',
      accessTokenFormat: 'opaque',
      accessTokenLifetimeMs: 900_000,
      audience: ['https://auth.example.com'],
      idleLifetimeMs: 30 * 86_400_000,
      absoluteLifetimeMs: 180 * 86_400_000,
      reuseGraceMs: 0,
      acceptAhead: 0,
      maxPerSubjectAndClient: 50,
      codeLifetimeMs: 60_000,
      requirePkce: 'always',
      storageTimeoutMs: 2000,
      callbackTimeoutMs: 5000,
      sweepIntervalMs: 60_000,
      throttle: { attempts: 10, windowMs: 60_000 },
    })
  })

  test('connect to nothing before ready() or the first request, and close what the storage opened', async () => {
    const storage = new MemoryStorage()
    const calls: string[] = []
    for (const name of ['init', 'ping', 'close'] as const) {
      jest.spyOn(storage, name).mockImplementation(() => {
        calls.push(name)
        return Promise.resolve()
      })
    }
    const server = make({ storage })
    expect(calls).toEqual([])

    await server.ready()
    await server.ready()
    await server.ping()
    await server.close()

    expect(calls).toEqual(['init', 'ping', 'close'])
  })
})

const emitted = () => jest.spyOn(process, 'emitWarning').mockImplementation(() => {})
const allowed = (over: Readonly<Record<string, unknown>>) => ({
  allowInsecureIssuer: 'private-network',
  ...over,
})
const withRedirectUri = (uri: string) =>
  allowed({ issuer: 'http://auth:3000', ...client({ redirect_uris: [uri] }) })

describe('allowInsecureIssuer, for development on a private network', () => {
  afterEach(() => {
    jest.restoreAllMocks()
  })

  test.each([
    'http://auth:3000',
    'http://auth_server:3000',
    'http://host.docker.internal:3000',
    'http://auth.default.svc.cluster.local',
    'http://printer.local',
    'http://auth.test/t1',
    'http://nas.home.arpa',
    'http://10.1.2.3:3000',
    'http://172.16.0.2',
    'http://172.31.255.254',
    'http://192.168.1.5:3000',
    'http://169.254.1.1',
    'http://[fd00::7]:3000',
    'http://[fe80::1]',
  ])('%s is taken, with a warning at the start', (issuer) => {
    const warn = emitted()

    make(allowed({ issuer }))

    expect(warn.mock.calls).toEqual([
      [
        expect.stringContaining(issuer),
        { type: 'OAuthRatchetWarning', code: 'OAUTH_RATCHET_INSECURE_ISSUER' },
      ],
    ])
  })

  test.each([
    'http://auth.example.com',
    'http://8.8.8.8',
    'http://11.0.0.1',
    'http://172.32.0.1',
    'http://192.169.0.1',
    'http://100.64.0.1',
    'http://0.0.0.0:3000',
    'http://[2001:db8::1]',
    'http://[::ffff:8.8.8.8]',
    'http://10.1.2.3.example.com',
    'http://internal.example.com',
    'http://notlocal.dev',
    'ftp://auth:3000',
  ])('%s is refused all the same', (issuer) => {
    expect(errorOf(allowed({ issuer }))).toMatchObject({ code: 'issuer.insecure' })
  })

  test('lets redirect URIs onto private networks too, and no further', () => {
    emitted()

    expect(() => make(withRedirectUri('http://app:8080/cb'))).not.toThrow()
    expect(() => make(withRedirectUri('http://192.168.1.5:5173/cb'))).not.toThrow()
    expect(errorOf(withRedirectUri('http://a.example/cb'))).toMatchObject({ code: 'clients.redirect_uris' })
  })

  test('allows nothing beside an https issuer, so that it does no harm in production', () => {
    const warn = emitted()

    expect(errorOf(allowed(client({ redirect_uris: ['http://app:8080/cb'] })))).toMatchObject({
      code: 'clients.redirect_uris',
    })

    make(allowed({}))
    expect(warn).not.toHaveBeenCalled()
  })

  test('is named in the error of an http issuer that it would allow', () => {
    expect(errorOf({ issuer: 'http://auth:3000' }).message).toContain(
      "allowInsecureIssuer: 'private-network'",
    )
  })
})

test('a configured client secret that could be guessed is taken, with a warning that does not tell it', () => {
  const emitWarning = jest.spyOn(process, 'emitWarning').mockImplementation(() => {})
  make({ clients: [{ client_id: 'weak', client_secret: 'hunter2', grant_types: ['client_credentials'] }] })
  const grant_types = ['client_credentials']
  make({ clients: [{ client_id: 'strong', client_secret: secret.slice(0, 22), grant_types }] })
  make({ clients: [{ client_id: 'shorter', client_secret: secret.slice(0, 21), grant_types }] })
  make({ clients: [{ client_id: 'made-up', client_secret: 'correct-horse-battery-staple', grant_types }] })
  const warnings = emitWarning.mock.calls
  emitWarning.mockRestore()

  const code = { type: 'OAuthRatchetWarning', code: 'OAUTH_RATCHET_WEAK_SECRET' }
  expect(warnings).toEqual([
    [expect.stringContaining('client weak'), code],
    [expect.stringContaining('client shorter'), code],
    [expect.stringContaining('client made-up'), code],
  ])
  expect(String(warnings[0]?.[0])).not.toContain('hunter2')
})

test('a server secret that looks made up is taken, with a warning that does not tell it', () => {
  const emitWarning = jest.spyOn(process, 'emitWarning').mockImplementation(() => {})
  make({ secrets: [secret, 'correct horse battery staple and more'] })
  const warnings = emitWarning.mock.calls
  emitWarning.mockRestore()

  expect(warnings).toEqual([
    [
      expect.stringContaining('secrets[1]'),
      { type: 'OAuthRatchetWarning', code: 'OAUTH_RATCHET_WEAK_SERVER_SECRET' },
    ],
  ])
  expect(String(warnings[0]?.[0])).not.toContain('horse')
})

test.each([
  'localhost:3000',
  'localhost:3000/t1',
  'auth.example.com',
  '127.0.0.1:3000',
  '[::1]:3000',
  '//a.example',
])('the error of the issuer %s says that its scheme is missing', (issuer) => {
  expect(errorOf({ issuer })).toMatchObject({
    code: 'issuer.invalid',
    message: expect.stringContaining(`${JSON.stringify(issuer)} lacks a scheme`),
  })
})
