import type OAuth2Server from '@node-oauth/oauth2-server'
import { CallbackError, MemoryStorage } from '@oauth-ratchet/core'
import type { Storage } from '@oauth-ratchet/core'
import { addRatchet } from '@oauth-ratchet/oauth2-server'
import type { RatchetModel, RatchetOptions } from '@oauth-ratchet/oauth2-server'
import { appWith, AppModel, ask, me, refresh, signIn, users } from './before.js'

const opened: { close(): Promise<void> }[] = []
afterEach(async () => {
  for (const server of opened.splice(0)) await server.close()
})

/** The app before, with sessions in its model, and after. */
async function movedIn(options: Partial<RatchetOptions> = {}, storage: Storage = new MemoryStorage()) {
  const model = new AppModel()
  const before = appWith({ model })
  const old = (await signIn(before, { scope: 'read write' })).body
  const ratchet = addRatchet(model as RatchetModel, {
    server: {
      issuer: 'https://auth.example.com',
      secrets: ['5ms2wAbr8Ak0DXalcd2unhsqzSfGHYcaaZ4HGSSYQzFF9VGR'],
      storage,
      scopes: ['read', 'write'],
    },
    subjectOf: (user) => user['id'] as string,
    findUser: (subject) => users.get(subject),
    importToken: { clients: ['web'], until: Date.now() / 1000 + 86_400 },
    ...options,
  })
  opened.push(ratchet.server)
  const after = appWith({
    model: ratchet.model,
    extendedGrantTypes: ratchet.grantTypes,
  })
  return { model, before, after, old, ratchet }
}

describe('an app on @node-oauth/oauth2-server with its model, and rotation of ours', () => {
  test('before: a refresh token of the model that comes twice is refused, and the thief stays', async () => {
    const { before, old } = await movedIn()
    const stolen = (await refresh(before, old['refresh_token'])).body

    expect(await refresh(before, old['refresh_token'])).toMatchObject({ status: 400 })
    expect(await refresh(before, stolen['refresh_token'])).toMatchObject({ status: 200 })
  })

  test('a session from before goes on: its access token, and its refresh token at its next use', async () => {
    const { after, old } = await movedIn()
    expect(await me(after, old['access_token'])).toMatchObject({ status: 200 })

    const first = await refresh(after, old['refresh_token'])

    expect(first).toMatchObject({
      status: 200,
      body: {
        token_type: 'Bearer',
        scope: 'read write',
        access_token: expect.stringMatching(/^ora_/) as string,
        refresh_token: expect.stringMatching(/^orr_/) as string,
      },
    })
    expect(Number(first.body['expires_in'])).toBeGreaterThan(890)
    expect(await me(after, first.body['access_token'])).toEqual({
      status: 200,
      body: { user: { id: 'u1', name: 'alice' }, client: 'web', scope: ['read', 'write'] },
    })
    expect(await refresh(after, first.body['refresh_token'])).toMatchObject({ status: 200 })
  })

  test('the same token again ends the session, the thief with it', async () => {
    const { after, old, ratchet } = await movedIn()
    const reuse = jest.fn()
    ratchet.server.on('grant.reuse_detected', reuse)
    const stolen = (await refresh(after, old['refresh_token'])).body

    expect(await refresh(after, old['refresh_token'])).toEqual({
      status: 400,
      body: { error: 'invalid_grant', error_description: expect.any(String) as string },
    })

    expect(reuse).toHaveBeenCalledTimes(1)
    expect(await refresh(after, stolen['refresh_token'])).toMatchObject({ status: 400 })
    expect(await me(after, stolen['access_token'])).toMatchObject({ status: 401 })
  })

  test('a retry with its Idempotency-Key gets the same successor', async () => {
    const { after, old } = await movedIn()
    const sent = { 'idempotency-key': 'k1' }
    const lost = await refresh(after, old['refresh_token'], {}, sent)

    const again = await refresh(after, old['refresh_token'], {}, sent)

    expect(again.body['refresh_token']).toBe(lost.body['refresh_token'])
  })

  test.each<[string, (model: AppModel) => Record<string, string>]>([
    ['password', () => ({ grant_type: 'password', username: 'alice', password: 'right' })],
    [
      'code',
      (model) => ({
        grant_type: 'authorization_code',
        code: model.code(),
        redirect_uri: 'https://app.example/cb',
      }),
    ],
  ])('a new sign-in by %s has a grant of ours', async (_, form) => {
    const { model, after, ratchet } = await movedIn()

    const first = await ask(after, form(model))

    expect(first).toMatchObject({ status: 200, body: { scope: 'read' } })
    expect(await me(after, first.body['access_token'])).toMatchObject({ status: 200 })
    expect(await refresh(after, first.body['refresh_token'])).toMatchObject({ status: 200 })
    expect(await ratchet.server.grants.list({ subject: 'u1' })).toHaveLength(1)
  })

  test('client credentials stay the model’s own', async () => {
    const { model, after } = await movedIn()

    const { body } = await ask(after, { grant_type: 'client_credentials' })

    expect(await model.getAccessToken(body['access_token'] ?? '')).toMatchObject({
      user: { id: 'client-web' },
    })
    expect(body['refresh_token']).toBeUndefined()
  })

  test('a narrower scope narrows the access token alone; more than the grant has is invalid_scope', async () => {
    const { after, old } = await movedIn()
    const narrow = await refresh(after, old['refresh_token'], { scope: 'read' })
    expect(narrow.body['scope']).toBe('read')
    const { body } = await signIn(after)

    expect(await refresh(after, body['refresh_token'], { scope: 'write' })).toMatchObject({
      status: 400,
      body: { error: 'invalid_scope' },
    })
    expect((await refresh(after, narrow.body['refresh_token'])).body['scope']).toBe('read write')
  })

  test('another client’s token, an unknown and a missing one are refused', async () => {
    const { after, old } = await movedIn()

    expect(await refresh(after, old['refresh_token'], { client_id: 'other' })).toMatchObject({
      body: { error: 'invalid_grant' },
    })
    expect(await refresh(after, 'x'.repeat(40))).toMatchObject({ body: { error: 'invalid_grant' } })
    expect(await refresh(after, '')).toMatchObject({ body: { error: 'invalid_request' } })
    expect(await refresh(after, old['refresh_token'])).toMatchObject({ status: 200 })
  })

  test('a log-out through revokeToken ends sessions of both kinds', async () => {
    const { model, after, old, ratchet } = await movedIn()
    const { body } = await signIn(after)
    const own = ratchet.model as unknown as AppModel
    for (const text of [old['refresh_token'] ?? '', body['refresh_token'] ?? '']) {
      const token = await own.getRefreshToken(text)
      expect(token).toMatchObject({ refreshToken: text, user: { id: 'u1' }, client: { id: 'web' } })
      expect(await own.revokeToken(token as OAuth2Server.RefreshToken)).toBe(true)
      expect(await refresh(after, text)).toMatchObject({ body: { error: 'invalid_grant' } })
    }
    expect(await model.getRefreshToken(old['refresh_token'] ?? '')).toBeUndefined()
  })

  test('a user who is gone is signed out of the API', async () => {
    const { after } = await movedIn({ findUser: () => undefined })
    const { body } = await signIn(after)

    expect(await me(after, body['access_token'])).toMatchObject({ status: 401 })
  })

  test('an outage is a 503, and consumes nothing', async () => {
    const storage = new MemoryStorage()
    let down = false
    const grants = new Proxy(storage.grants, {
      get(target, name) {
        const method = Reflect.get(target, name) as (...given: unknown[]) => unknown
        return (...given: unknown[]) =>
          down ? Promise.reject(new Error('connection lost')) : method.apply(target, given)
      },
    })
    Object.defineProperty(storage, 'grants', { value: grants })
    const { after, old, ratchet } = await movedIn({}, storage)
    ratchet.server.on('request.failed', () => {})
    const { body } = await signIn(after)
    const tokens = [old['refresh_token'], body['refresh_token']]

    down = true
    for (const text of tokens)
      expect(await refresh(after, text)).toMatchObject({
        status: 503,
        body: { error: 'temporarily_unavailable' },
      })
    expect(await me(after, body['access_token'])).toMatchObject({ status: 503 })
    down = false

    for (const text of tokens) expect(await refresh(after, text)).toMatchObject({ status: 200 })
  })

  test('a model whose store fails is a 503, and its token is good afterwards', async () => {
    const { model, after, old, ratchet } = await movedIn()
    const failed = jest.fn()
    ratchet.server.on('request.failed', failed)
    const lookup = jest.spyOn(model, 'getRefreshToken').mockRejectedValueOnce(new Error('no connection'))

    expect(await refresh(after, old['refresh_token'])).toMatchObject({ status: 503 })
    expect(failed.mock.calls).toEqual([
      [expect.objectContaining({ error: expect.any(CallbackError) as unknown })],
    ])
    expect(await refresh(after, old['refresh_token'])).toMatchObject({ status: 200 })
    expect(lookup).toHaveBeenCalledTimes(2)
  })

  test('without importToken sessions from before end, and everything else goes on', async () => {
    const { after, old } = await movedIn({ importToken: undefined })

    expect(await refresh(after, old['refresh_token'])).toMatchObject({ status: 400 })
    expect(await me(after, old['access_token'])).toMatchObject({ status: 200 })
  })

  test('JWT access tokens are known by authenticate as well', async () => {
    const { after } = await movedIn({
      server: {
        issuer: 'https://auth.example.com',
        secrets: ['5ms2wAbr8Ak0DXalcd2unhsqzSfGHYcaaZ4HGSSYQzFF9VGR'],
        storage: new MemoryStorage(),
        scopes: ['read', 'write'],
        accessToken: { format: 'jwt' },
      },
    })
    const { body } = await signIn(after)

    expect(body['access_token']).toMatch(/^ey/)
    expect(await me(after, body['access_token'])).toMatchObject({ status: 200, body: { client: 'web' } })
    expect(await me(after, 'eyJhbGciOiJFUzI1NiJ9.e30.x')).toMatchObject({ status: 401 })
  })

  test('where the model gives no scope the answer is invalid_scope, not every scope', async () => {
    const { model, after } = await movedIn()
    jest.spyOn(model, 'validateScope').mockResolvedValue([])

    expect(await signIn(after)).toMatchObject({ status: 400, body: { error: 'invalid_scope' } })
  })

  test('unknown tokens are counted by the address, where the app says how to know it', async () => {
    const { model, after } = await movedIn({ remoteAddress: () => '192.0.2.1' })
    for (let n = 0; n < 100; n++) await refresh(after, String(n).padStart(40, 'x'))
    const { lookups } = model

    expect(await refresh(after, 'y'.repeat(40))).toMatchObject({ status: 429 })
    expect(model.lookups).toBe(lookups)
  })

  test('importToken wants a model that finds refresh tokens', () => {
    const model: RatchetModel = {
      getClient: () => Promise.resolve(undefined),
      saveToken: () => Promise.resolve(undefined),
      getAccessToken: () => Promise.resolve(undefined),
    }
    expect(() =>
      addRatchet(model, {
        server: { issuer: 'https://a.example', secrets: [], storage: new MemoryStorage() },
        subjectOf: () => '',
        findUser: () => undefined,
        importToken: { clients: ['web'], until: Date.now() / 1000 + 60 },
      }),
    ).toThrow(TypeError)
  })
})
