import { ConfigurationError, MemoryStorage } from '@oauth-ratchet/core'
import type { AuthorizationServer, AuthorizationServerOptions } from '@oauth-ratchet/core'
import { oauthRouter, sendTokens } from '@oauth-ratchet/express'
import type { OAuthRouterOptions } from '@oauth-ratchet/express'
import type { RequestHandler } from 'express'
import request from 'supertest'
import {
  apiSecret,
  authorize,
  cookieOf,
  issuer,
  makeApp as makeTestApp,
  makeServer,
  redirectUri,
  resultOf,
  verifier,
  versions,
} from './harness.js'

const refreshTokenCookie = { clients: ['spa'] }
const own = { Origin: 'https://app.example' }
const refresh = { grant_type: 'refresh_token', client_id: 'spa' }

const setCookies = (response: { headers: Record<string, unknown> }) =>
  [response.headers['set-cookie'] ?? []].flat().map(String)

const codeOf = (work: () => unknown): string | undefined => {
  try {
    work()
    return undefined
  } catch (error) {
    return error instanceof ConfigurationError ? error.code : String(error)
  }
}

function loginRoute(server: AuthorizationServer): RequestHandler {
  return async (_req, res) => {
    const tokens = await server.grants.issue({ clientId: 'spa', subject: 'alice' })
    sendTokens(res, tokens, { server, clientId: 'spa' })
  }
}

describe.each(versions)('refreshTokenCookie on %s', (_name, express) => {
  function makeApp(
    options: Partial<OAuthRouterOptions['refreshTokenCookie']> = {},
    serverOptions: Partial<AuthorizationServerOptions> = {},
  ) {
    const { server, clock } = makeServer(serverOptions)
    const app = express()
    app.use('/oauth', oauthRouter(server, { refreshTokenCookie: { ...refreshTokenCookie, ...options } }))
    app.post('/login', loginRoute(server))
    const post = (
      path: string,
      cookie: string | undefined,
      fields: object,
      headers: Readonly<Record<string, string>> = own,
    ) => {
      const sent = request(app).post(`/oauth/${path}`).set(headers).type('form')
      return (cookie === undefined ? sent : sent.set('Cookie', cookie)).send(fields)
    }
    const logIn = async () => cookieOf(await request(app).post('/login'))
    return { app, server, clock, post, logIn }
  }
  test('a login route and a refresh set it, as long as the grant lives, and leave it out of the body', async () => {
    const { app, post } = makeApp()
    const login = await request(app).post('/login')
    const answer = await post('token', cookieOf(login), refresh)
    for (const response of [login, answer]) {
      expect(response.status).toBe(200)
      expect(response.body).toMatchObject({ access_token: expect.any(String) })
      expect(response.body).not.toHaveProperty('refresh_token')
      const maxAge = String((response.body as Record<string, unknown>)['refresh_token_expires_in'])
      expect(setCookies(response)).toEqual([
        expect.stringMatching(
          new RegExp(
            `^__Secure-refresh-token-[\\w-]{16}=[^;]+; Max-Age=${maxAge}; Path=/oauth; HttpOnly; Secure; SameSite=Strict$`,
          ),
        ),
      ])
    }
    expect(cookieOf(answer)).not.toBe(cookieOf(login))
  })

  test('a refresh whose token is a parameter, as of a page from before the cookie, has the successor in body and cookie', async () => {
    const { server, post, clock } = makeApp()
    const reused = jest.fn()
    server.on('grant.reuse_detected', reused)
    let { refresh_token: token = '' } = await server.grants.issue({ clientId: 'spa', subject: 'alice' })
    for (let turn = 0; turn < 3; turn++) {
      const answer = await post('token', undefined, { ...refresh, refresh_token: token })
      expect(answer.status).toBe(200)
      token = (answer.body as { refresh_token: string }).refresh_token
      expect(decodeURIComponent(cookieOf(answer).split('=')[1] ?? '')).toBe(token)
      clock.now += 11_000
    }
    expect(reused).not.toHaveBeenCalled()
  })

  test('a code is exchanged without a refresh token in the body, whatever parameters a script adds', async () => {
    const { app } = makeTestApp(express, { consent: () => ({ scope: 'read' }), refreshTokenCookie })
    const answer = await request(app)
      .post('/oauth/token')
      .set('Sec-Fetch-Site', 'same-origin')
      .type('form')
      .send({
        grant_type: 'authorization_code',
        client_id: 'spa',
        code: resultOf(await authorize(app))['code'],
        code_verifier: verifier,
        redirect_uri: redirectUri,
        refresh_token: 'x',
      })
    expect(answer.status).toBe(200)
    expect(answer.body).not.toHaveProperty('refresh_token')
    expect(setCookies(answer)).toHaveLength(1)
  })

  test('with path / it is __Host-; on http loopback it has no prefix and no Secure', async () => {
    const whole = makeApp({ path: '/' })
    expect(await whole.logIn()).toMatch(/^__Host-/)
    const local = makeApp({}, { issuer: 'http://127.0.0.1:3000' })
    const [cookie] = setCookies(await request(local.app).post('/login'))
    expect(cookie).toMatch(/^refresh-token-/)
    expect(cookie).not.toContain('Secure')
  })

  test('cookies of the app stay beside it', async () => {
    const { server } = makeServer()
    const app = express()
    app.use((_req, res, next) => {
      res.cookie('app', '1')
      next()
    })
    app.use('/oauth', oauthRouter(server, { refreshTokenCookie }))
    app.post('/login', loginRoute(server))
    expect(setCookies(await request(app).post('/login'))).toEqual([
      'app=1; Path=/',
      expect.stringContaining('refresh-token'),
    ])
  })

  test.each<[string, Record<string, string>]>([
    ['of a foreign origin', { Origin: 'https://evil.example', 'Sec-Fetch-Site': 'cross-site' }],
    ['of a sibling origin', { Origin: 'https://other.example.com', 'Sec-Fetch-Site': 'same-site' }],
    ['of a sandboxed page', { Origin: 'null' }],
    ['that a user makes by hand', { 'Sec-Fetch-Site': 'none' }],
    ['that says nothing of where it is from', {}],
  ])('CSRF: a request %s is refused, and nothing is used up, ended or cleared', async (_from, headers) => {
    const { server, post, logIn } = makeApp()
    const reused = jest.fn()
    server.on('grant.reuse_detected', reused)
    const cookie = await logIn()
    const code = { grant_type: 'authorization_code', client_id: 'spa', code: 'x' }
    for (const [path, fields] of [
      ['token', refresh],
      ['revoke', { client_id: 'spa' }],
      ['token', code],
    ] as const) {
      const answer = await post(path, cookie, fields, headers)
      expect(answer.status).toBe(403)
      expect(answer.body).toMatchObject({ error: 'invalid_request' })
      expect(setCookies(answer)).toEqual([])
    }
    expect((await post('token', cookie, refresh)).status).toBe(200)
    expect(reused).not.toHaveBeenCalled()
  })

  test.each<[string, Record<string, string>]>([
    ['Sec-Fetch-Site: same-origin', { 'Sec-Fetch-Site': 'same-origin' }],
    ["the issuer's origin", { Origin: issuer }],
    ["the client's origin", { ...own, 'Sec-Fetch-Site': 'cross-site' }],
  ])('accepts %s', async (_from, headers) => {
    const { post, logIn } = makeApp()
    expect((await post('token', await logIn(), refresh, headers)).status).toBe(200)
  })

  test('two cookies of one name are refused before the turn', async () => {
    const { post, logIn } = makeApp({}, { refreshToken: { reuseGrace: 0 } })
    const cookie = await logIn()
    for (const path of ['token', 'revoke']) {
      const answer = await post(path, `${cookie}; ${cookie}`, refresh)
      expect(answer.status).toBe(400)
      expect(answer.body).toMatchObject({ error: 'invalid_request' })
    }
    expect((await post('token', cookie, refresh)).status).toBe(200)
  })

  test('without parameter and cookie a refresh is invalid_grant, and a revocation is done already', async () => {
    const { post } = makeApp()
    const answer = await post('token', undefined, refresh)
    expect([answer.status, (answer.body as { error: string }).error]).toEqual([400, 'invalid_grant'])
    // A cookie that a sign-in has set meanwhile must not be cleared.
    expect(setCookies(answer)).toEqual([])
    expect((await post('revoke', undefined, { client_id: 'spa' })).status).toBe(200)
  })

  test('a revocation ends the grant and clears it; so does an invalid_grant', async () => {
    const { post, logIn } = makeApp()
    const cookie = await logIn()
    const revoked = await post('revoke', cookie, { client_id: 'spa' })
    const refused = await post('token', cookie, refresh)
    expect([revoked.status, refused.status]).toEqual([200, 400])
    for (const answer of [revoked, refused]) {
      expect(setCookies(answer)).toEqual([
        `${cookie.split('=')[0]}=; Max-Age=0; Path=/oauth; HttpOnly; Secure; SameSite=Strict`,
      ])
    }
  })

  test('an access token that is revoked leaves the cookie alone', async () => {
    const { app, post } = makeApp()
    const login = await request(app).post('/login')
    const { access_token: accessToken } = login.body as { access_token: string }
    const answer = await post('revoke', cookieOf(login), { client_id: 'spa', token: accessToken })
    expect([answer.status, setCookies(answer)]).toEqual([200, []])
    expect((await post('token', cookieOf(login), refresh)).status).toBe(200)
  })

  test('a 503 clears nothing, at token and revoke', async () => {
    const storage = new MemoryStorage()
    const { grants } = storage
    const [find, turn] = [grants.find.bind(grants), grants.turn.bind(grants)]
    let down = false
    const unlessDown = async <Answer>(work: () => Promise<Answer>): Promise<Answer> => {
      if (down) throw new Error('The storage is down.')
      return work()
    }
    Object.assign(grants, {
      find: (...given: Parameters<typeof find>) => unlessDown(() => find(...given)),
      turn: (...given: Parameters<typeof turn>) => unlessDown(() => turn(...given)),
    })
    const { post, logIn, server } = makeApp({}, { storage })
    server.on('request.failed', () => {})
    const cookie = await logIn()
    down = true
    for (const path of ['token', 'revoke']) {
      const answer = await post(path, cookie, refresh)
      expect([answer.status, setCookies(answer)]).toEqual([503, []])
    }
  })

  test('a client with the cookie has a grace of 10 s, in one storage call, unless reuseGrace is set', async () => {
    const storage = new MemoryStorage()
    const turn = jest.spyOn(storage.grants, 'turn')
    const find = jest.spyOn(storage.grants, 'find')
    const { post, logIn, clock } = makeApp({}, { storage })
    const cookie = await logIn()
    const first = await post('token', cookie, refresh)
    expect([turn.mock.calls.length, find.mock.calls.length]).toEqual([1, 0])
    clock.now += 10_000
    const second = await post('token', cookie, refresh)
    expect(cookieOf(second)).toBe(cookieOf(first))
    clock.now += 1
    expect((await post('token', cookie, refresh)).status).toBe(400)

    // One policy for a client, whatever the door.
    const ownRoute = makeApp()
    const { refresh_token: refreshToken = '' } = await ownRoute.server.grants.issue({
      clientId: 'spa',
      subject: 'alice',
    })
    const turned = await ownRoute.server.tokens.refresh({ clientId: 'spa', refreshToken })
    ownRoute.clock.now += 10_000
    const repeated = await ownRoute.server.tokens.refresh({ clientId: 'spa', refreshToken })
    expect(repeated.refresh_token).toBe(turned.refresh_token)

    const strict = makeApp({}, { refreshToken: { reuseGrace: 0 } })
    const spent = await strict.logIn()
    await strict.post('token', spent, refresh)
    expect((await strict.post('token', spent, refresh)).status).toBe(400)
  })

  test.each([
    [0, 1, 400],
    [30, 20_000, 200],
  ])(
    'the reuse_grace of %i s that a client is registered with wins over that',
    async (reuse_grace, after, status) => {
      const clients = [
        {
          client_id: 'spa',
          token_endpoint_auth_method: 'none',
          grant_types: ['refresh_token'],
          scope: 'read',
          allowed_origins: [own.Origin],
          reuse_grace,
        },
      ] as const
      const { post, logIn, clock } = makeApp({}, { clients, refreshToken: { reuseGrace: 5 } })
      const cookie = await logIn()
      await post('token', cookie, refresh)
      clock.now += after
      expect((await post('token', cookie, refresh)).status).toBe(status)
    },
  )

  test('clients that are not named have their token in the body, and no grace', async () => {
    const other = {
      client_id: 'other',
      token_endpoint_auth_method: 'none',
      grant_types: ['refresh_token'],
    } as const
    const { server, post } = makeApp(
      {},
      {
        clients: [
          { ...other, client_id: 'spa', scope: 'read' },
          { ...other, scope: 'read' },
        ],
      },
    )
    const { refresh_token: given } = await server.grants.issue({ clientId: 'other', subject: 'alice' })
    const fields = { ...refresh, client_id: 'other', refresh_token: given }
    const answer = await post('token', undefined, fields, {})
    expect(answer.body).toHaveProperty('refresh_token')
    expect(setCookies(answer)).toEqual([])
    expect((await post('token', undefined, fields, {})).status).toBe(400)
  })
})

describe('what cannot work is refused at start', () => {
  test.each<[string, OAuthRouterOptions, Partial<AuthorizationServerOptions>, string]>([
    ["cors '*'", { cors: '*', refreshTokenCookie }, {}, 'express.cors'],
    ['a confidential client', { refreshTokenCookie: { clients: ['api'] } }, {}, 'refreshTokenCookie.clients'],
    ['a misspelt client', { refreshTokenCookie: { clients: ['servce'] } }, {}, 'refreshTokenCookie.clients'],
    ['no client', { refreshTokenCookie: { clients: [] } }, {}, 'express.refresh_token_cookie'],
    [
      'a path that no endpoint is below',
      { refreshTokenCookie: { clients: ['spa'], path: '/session' } },
      {},
      'express.refresh_token_cookie',
    ],
    [
      'a path with attributes in it',
      { refreshTokenCookie: { clients: ['spa'], path: '/;Domain=example.com' } },
      {},
      'express.refresh_token_cookie',
    ],
    [
      'SameSite=None without https',
      { refreshTokenCookie: { clients: ['spa'], sameSite: 'none' } },
      { issuer: 'http://127.0.0.1:3000' },
      'express.refresh_token_cookie',
    ],
  ])('%s', (_name, options, serverOptions, code) => {
    expect(codeOf(() => oauthRouter(makeServer(serverOptions).server, options))).toBe(code)
  })

  test.each(['a function', 'the storage'])(
    'a confidential client that only %s knows is unauthorized_client, and reported',
    async (where) => {
      const late = { client_id: 'late', grant_types: ['refresh_token'] } as const
      const { server } = makeServer(
        where === 'a function'
          ? {
              clients: (id) =>
                Promise.resolve(id === 'late' ? { ...late, client_secret: apiSecret } : undefined),
            }
          : { clients: [] },
      )
      const registered = where === 'a function' ? undefined : await server.clients.create(late)
      const secret = registered?.client_secret ?? apiSecret
      const failed = jest.fn()
      server.on('request.failed', failed)
      const [[, express]] = versions as [(typeof versions)[number]]
      const app = express()
      app.use('/oauth', oauthRouter(server, { refreshTokenCookie: { clients: ['late'] } }))
      for (const path of ['token', 'revoke']) {
        failed.mockClear()
        const answer = await request(app)
          .post(`/oauth/${path}`)
          .set(own)
          .auth('late', secret)
          .type('form')
          .send({ grant_type: 'refresh_token', token: 'x' })
        expect([answer.status, (answer.body as { error: string }).error]).toEqual([
          400,
          'unauthorized_client',
        ])
        const [[{ error }]] = failed.mock.calls as [[{ error: ConfigurationError }]]
        expect([error.code, error.message]).toEqual([
          'refreshTokenCookie.clients',
          expect.stringContaining('confidential'),
        ])
      }
    },
  )

  test('sendTokens before there is a router says so, and does not put the token into the body', async () => {
    const { server } = makeServer()
    const tokens = await server.grants.issue({ clientId: 'spa', subject: 'alice' })
    const send = () => sendTokens({} as never, tokens, { server, clientId: 'spa' })
    expect(codeOf(send)).toBe('express.send_tokens')
  })
})
