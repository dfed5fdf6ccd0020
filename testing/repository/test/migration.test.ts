import { spawnSync } from 'node:child_process'
import { generateKeyPairSync, randomBytes } from 'node:crypto'
import { join } from 'node:path'
import { createAuthorizationServer, MemoryStorage } from '@oauth-ratchet/core'
import type { AccessTokenOptions, AuthorizationServer, ImportTokenOptions, Jwk } from '@oauth-ratchet/core'
import { ENGINE_TIMEOUT_MS, sharedMongo } from '@oauth-ratchet/engines'
import jwt from 'jsonwebtoken'
import mongoose from 'mongoose'
import type { Connection } from 'mongoose'
import { inDays, opened, samples, serverWith } from './support/migrated-server.js'

const refresh = (server: AuthorizationServer, refreshToken = '') =>
  server.tokens.refresh({ refreshToken, clientId: 'app' })
const refused = { code: 'invalid_grant' }

/** Nobody notices: the session goes on, under its subject, and for good. */
async function expectToGoOn(server: AuthorizationServer, oldToken: string, subject: string) {
  const first = await refresh(server, oldToken)
  expect(await server.tokens.verify(first.access_token)).toMatchObject({ subject })
  const second = await refresh(server, first.refresh_token)
  expect(second.refresh_token).not.toBe(first.refresh_token)
  return second
}

test('the code of the guide compiles', () => {
  expect(samples.names).toEqual([
    'table',
    'server',
    'routes',
    'both-kinds',
    'collection',
    'jwt',
    'oidc-provider',
    'signing-keys',
  ])
  expect(samples.compilerErrors()).toBe('')
}, 60_000)

describe('a collection', () => {
  let connection: Connection
  beforeAll(async () => {
    const { url } = await sharedMongo()
    connection = mongoose.createConnection(url, {
      dbName: `migration-${process.pid}`,
      // Jest refuses the driver's own import of it.
      ...({ runtimeAdapters: { os: await import('node:os') } } as object),
    })
    await connection.asPromise()
  }, ENGINE_TIMEOUT_MS)
  afterAll(async () => {
    await connection.dropDatabase()
    await connection.close()
  })

  test('of clear tokens: those that were good go on', async () => {
    const user = new mongoose.Types.ObjectId()
    const session = (over: object = {}) => ({
      token: randomBytes(40).toString('hex'),
      user,
      createdAt: inDays(-3),
      expires: inDays(4),
      ...over,
    })
    const [good, revoked, expired] = [session(), session({ revoked: true }), session({ expires: inDays(-1) })]
    await connection.collection('refreshtokens').insertMany([good, revoked, expired])
    const { importFromCollection } = await samples.load<{
      importFromCollection: (connection: Connection) => ImportTokenOptions
    }>('collection')
    const server = await serverWith(importFromCollection(connection))

    await expectToGoOn(server, good.token, String(user))
    await expect(refresh(server, revoked.token)).rejects.toMatchObject(refused)
    await expect(refresh(server, expired.token)).rejects.toMatchObject(refused)
  })
})

describe('refresh tokens that are JWTs', () => {
  const { publicKey, privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 })
  const key = publicKey.export({ type: 'spki', format: 'pem' }) as string
  const sign = (jti: string, more: jwt.SignOptions = {}) =>
    jwt.sign({}, privateKey, {
      algorithm: 'RS256',
      subject: 'u1',
      audience: 'refresh',
      expiresIn: '30d',
      jwtid: jti,
      ...more,
    })

  async function movedIn() {
    const { importJwt } = await samples.load<{
      importJwt: (key: string, isRevoked: (jti: string) => Promise<boolean>) => ImportTokenOptions
    }>('jwt')
    return serverWith(importJwt(key, (jti) => Promise.resolve(jti === 'revoked')))
  }

  test('go on; access tokens, expired and revoked ones and those of others do not', async () => {
    const server = await movedIn()

    await expectToGoOn(server, sign('a'), 'u1')
    const other = jwt.sign({ sub: 'u1', jti: 'x', aud: 'refresh' }, 'x'.repeat(32), { expiresIn: '30d' })
    const wrong = [sign('b', { audience: 'api' }), sign('c', { expiresIn: -1 }), sign('revoked'), other]
    for (const token of wrong) await expect(refresh(server, token)).rejects.toMatchObject(refused)
  })

  test('are imported once, although the same one can be written in several ways that all verify', async () => {
    const server = await movedIn()
    const token = sign('a')
    // 2,048 bits are 342 characters of base64url and four bits, which nobody reads.
    const last = token.at(-1) ?? ''
    const alphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_'
    const twin = token.slice(0, -1) + (alphabet[alphabet.indexOf(last) ^ 1] ?? '')
    expect(twin).not.toBe(token)
    expect(jwt.verify(twin, key)).toMatchObject({ jti: 'a' })
    const first = await refresh(server, token)

    await expect(refresh(server, twin)).rejects.toMatchObject(refused)
    expect(await server.grants.list({ subject: 'u1' })).toHaveLength(1)
    expect(await refresh(server, first.refresh_token)).toMatchObject({ token_type: 'Bearer' })
  })

  test('can be revoked, used or not', async () => {
    const server = await movedIn()
    const [used, unused] = [sign('a'), sign('b')]
    const tokens = await refresh(server, used)

    for (const token of [used, unused]) await server.tokens.revoke(token)

    for (const token of [used, unused, tokens.refresh_token])
      await expect(refresh(server, token)).rejects.toMatchObject(refused)
  })
})

describe('the store of a real oidc-provider', () => {
  interface Populated {
    texts: Record<'good' | 'spent' | 'revoked' | 'ended', string>
    stored: [model: string, id: string, payload: object][]
  }

  /** oidc-provider is ESM only, and Jest runs CommonJS. */
  function populated(): Populated {
    const program = join(__dirname, 'fixtures', 'oidc-provider-sessions.mjs')
    const { stdout, stderr, status } = spawnSync(process.execPath, [program], { encoding: 'utf8' })
    if (status !== 0) throw new Error(stderr)
    return JSON.parse(stdout) as Populated
  }

  test('its sessions go on, with scope and sign-in, and those that were over do not', async () => {
    const { texts, stored } = populated()
    class Adapter {
      readonly #model: string
      constructor(model: string) {
        this.#model = model
      }
      find(id: string) {
        const found = stored.find(([model, key]) => model === this.#model && key === id)
        return Promise.resolve(found?.[2])
      }
      findByUid() {
        return Promise.resolve(undefined)
      }
    }
    const { importFromProvider } = await samples.load<{
      importFromProvider: (adapter: typeof Adapter) => ImportTokenOptions
    }>('oidc-provider')
    const server = createAuthorizationServer({
      issuer: 'https://auth.example.com',
      secrets: ['5ms2wAbr8Ak0DXalcd2unhsqzSfGHYcaaZ4HGSSYQzFF9VGR'],
      storage: new MemoryStorage(),
      scopes: ['read', 'write'],
      clients: [
        {
          client_id: 'app',
          token_endpoint_auth_method: 'none',
          grant_types: ['refresh_token'],
          scope: 'read write',
        },
      ],
      refreshToken: { importToken: importFromProvider(Adapter) },
    })
    opened.push(server)

    const tokens = await expectToGoOn(server, texts.good, 'good')

    expect(tokens.scope).toBe('offline_access read')
    expect(await server.tokens.verify(tokens.access_token)).toMatchObject({
      amr: ['pwd'],
      authTime: expect.any(Number) as number,
    })
    for (const text of [texts.spent, texts.revoked, texts.ended])
      await expect(refresh(server, text)).rejects.toMatchObject(refused)
  })
})

const kidOf = (token: string): string =>
  (JSON.parse(Buffer.from(token.split('.')[0] ?? '', 'base64url').toString()) as { kid: string }).kid
const publishedBy = (server: AuthorizationServer): string[] =>
  (JSON.parse(server.endpoints.jwks().body) as { keys: { kid: string }[] }).keys.map(({ kid }) => kid)

describe('from derived signing keys to signingKeys', () => {
  test('a JWT that is out stays good until it has expired, by the server and by its JWKS', async () => {
    let now = Date.now()
    const storage = new MemoryStorage()
    const serverWithKeys = (accessToken: AccessTokenOptions) => {
      const server = createAuthorizationServer({
        issuer: 'https://auth.example.com',
        secrets: ['5ms2wAbr8Ak0DXalcd2unhsqzSfGHYcaaZ4HGSSYQzFF9VGR'],
        storage,
        clients: [{ client_id: 'app', token_endpoint_auth_method: 'none', grant_types: ['refresh_token'] }],
        accessToken,
        now: () => now,
      })
      opened.push(server)
      return server
    }
    const before = serverWithKeys({ format: 'jwt' })
    const old = await before.grants.issue({ clientId: 'app', subject: 'u1' })
    const { withOwnKeys } = await samples.load<{
      withOwnKeys: (signingKeys: readonly Jwk[], lastOldProcessEnds: Date) => AccessTokenOptions
    }>('signing-keys')
    const jwk = generateKeyPairSync('ec', { namedCurve: 'P-256' }).privateKey.export({ format: 'jwk' })
    const own: Jwk = { kty: 'EC', kid: 'own', alg: 'ES256', ...(jwk as object) }
    const after = serverWithKeys(withOwnKeys([own], new Date(now)))

    expect(await after.tokens.verify(old.access_token)).toMatchObject({ subject: 'u1' })
    expect(publishedBy(after)).toEqual(['own', kidOf(old.access_token)])
    const fresh = await after.tokens.refresh({ refreshToken: old.refresh_token ?? '', clientId: 'app' })
    expect(kidOf(fresh.access_token)).toBe('own')
    now += 899_000
    expect(await after.tokens.verify(old.access_token)).toMatchObject({ subject: 'u1' })
    now += 2000
    await expect(after.tokens.verify(old.access_token)).rejects.toMatchObject({ code: 'invalid_token' })
    expect(publishedBy(after)).toEqual(['own'])
  })
})
