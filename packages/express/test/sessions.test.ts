import { MemoryStorage } from '@oauth-ratchet/core'
import type { AuthorizationServer, AuthorizationServerOptions } from '@oauth-ratchet/core'
import { sessionsRouter } from '@oauth-ratchet/express'
import type { SessionsRouterOptions } from '@oauth-ratchet/express'
import request from 'supertest'
import { asText, cookieOf, makeServer, serviceSecret, versions } from './harness.js'
import type { ExpressModule } from './harness.js'

const firefox = 'Mozilla/5.0 (Windows NT 10.0; Win64; x64; rv:140.0) Gecko/20100101 Firefox/140.0'
const own = { 'sec-fetch-site': 'same-origin' }
const clients = [
  {
    client_id: 'spa',
    client_name: '<b>Notebook</b>',
    token_endpoint_auth_method: 'none',
    grant_types: ['refresh_token'],
    scope: 'read sessions',
  },
  {
    client_id: 'service',
    client_secret: serviceSecret,
    grant_types: ['client_credentials'],
    scope: 'sessions',
  },
] as const

/** An app with the router, and who is signed in by its own session: a header takes the place of a cookie. */
function makeApp(
  express: ExpressModule,
  options: SessionsRouterOptions = {},
  server: Partial<AuthorizationServerOptions> = {},
) {
  const made = makeServer({
    scopes: { read: 'Read', sessions: 'See and end your sessions' },
    clients,
    sessions: { keep: ['label', 'userAgent', 'remoteAddress'] },
    refreshToken: { maxPerSubjectAndClient: null },
    ...server,
  })
  const app = express()
  app.use('/account/sessions', sessionsRouter(made.server, options))
  app.use((_req, res) => void res.status(404).send('the app'))
  return { app, ...made }
}

const bySession: SessionsRouterOptions = {
  user: (req) => {
    const subject = req.get('x-user')
    return subject === undefined
      ? undefined
      : { subject, session: req.get('x-session'), name: `${subject} <x>` }
  },
}

/** Tokens of a new sign-in, and the id of its grant. */
async function signIn(server: AuthorizationServer, more: Record<string, unknown> = {}) {
  const tokens = await server.grants.issue({ clientId: 'spa', subject: 'alice', userAgent: firefox, ...more })
  const { grantId = '' } = await server.tokens.verify(tokens.access_token)
  return { ...tokens, id: grantId, bearer: `Bearer ${tokens.access_token}` }
}

const statusOf = async (server: AuthorizationServer, id: string) => (await server.grants.get(id))?.status
interface Listed {
  readonly sessions: readonly Readonly<Record<string, unknown>>[]
  readonly cursor?: string
}
const listed = (response: { body: unknown }): Listed => response.body as Listed

describe.each(versions)('with an access token, on %s', (_name, express) => {
  test('the list has what the user is to see, marks the own session, and has no token in it', async () => {
    const { app, server, clock } = makeApp(express)
    const other = await signIn(server, { label: 'Phone', remoteAddress: '198.51.100.7' })
    clock.now += 60_000
    const here = await signIn(server)
    await signIn(server, { subject: 'bob' })

    const response = await request(app).get('/account/sessions').set('Authorization', here.bearer)

    expect(response.status).toBe(200)
    expect(response.headers['cache-control']).toBe('no-store')
    const { sessions } = listed(response)
    expect(sessions).toEqual([
      expect.objectContaining({ id: here.id, current: true }),
      {
        id: other.id,
        current: false,
        client_id: 'spa',
        client_name: '<b>Notebook</b>',
        label: 'Phone',
        device: 'Firefox on Windows',
        user_agent: firefox,
        address: '198.51.100.7',
        scope: 'read sessions',
        created_at: clock.now / 1000 - 60,
        last_used_at: clock.now / 1000 - 60,
        expires_at: expect.any(Number),
      },
    ])
    for (const token of [here.access_token, other.access_token, other.refresh_token])
      expect(response.text).not.toContain(token)
  })

  test('one session is ended, once, and somebody else’s is as one that does not exist', async () => {
    const { app, server } = makeApp(express)
    const [here, other] = [await signIn(server), await signIn(server)]
    const bobs = await signIn(server, { subject: 'bob' })
    const end = (id: string) =>
      request(app).delete(`/account/sessions/${id}`).set('Authorization', here.bearer)

    expect(await end(other.id)).toMatchObject({ status: 200, body: { ended: 1 } })
    const [again, ofBob, never] = [await end(other.id), await end(bobs.id), await end('A'.repeat(22))]
    expect([again.status, ofBob.status, never.status]).toEqual([404, 404, 404])
    expect(ofBob.body).toEqual(never.body)
    expect(await statusOf(server, bobs.id)).toBe('active')
    await expect(server.tokens.verify(other.access_token)).rejects.toMatchObject({ code: 'invalid_token' })
  })

  test('all others are ended, and the token’s own grant goes on', async () => {
    const { app, server } = makeApp(express)
    const here = await signIn(server)
    const others = [await signIn(server), await signIn(server)]

    const response = await request(app).delete('/account/sessions').set('Authorization', here.bearer)

    expect(response.body).toEqual({ ended: 2 })
    expect(await statusOf(server, here.id)).toBe('active')
    for (const { id } of others) expect(await statusOf(server, id)).toBe('revoked')
  })

  test('is needed, with the scope, and for a user', async () => {
    const { app, server } = makeApp(express)
    const without = await request(app).get('/account/sessions')
    expect(without.status).toBe(401)
    expect(without.headers['www-authenticate']).toMatch(/^Bearer realm=.*scope="sessions"/)
    const narrow = await signIn(server, { scope: 'read' })
    const ended = await request(app).delete('/account/sessions').set('Authorization', narrow.bearer)
    expect(ended).toMatchObject({ status: 403, body: { error: 'insufficient_scope' } })
    const { body } = await server.endpoints.token({
      method: 'POST',
      headers: { 'content-type': 'application/x-www-form-urlencoded' },
      query: '',
      body: Buffer.from(
        new URLSearchParams({
          grant_type: 'client_credentials',
          client_id: 'service',
          client_secret: serviceSecret,
        }).toString(),
      ),
    })
    const { access_token } = JSON.parse(body) as { access_token: string }
    const service = await request(app).get('/account/sessions').set('Authorization', `Bearer ${access_token}`)
    expect(service).toMatchObject({ status: 403, body: { error: 'insufficient_scope' } })
    expect(await statusOf(server, narrow.id)).toBe('active')
  })

  test('3,000 sessions come page by page, each once', async () => {
    const { app, server } = makeApp(express)
    for (let count = 1; count < 3000; count++)
      await server.grants.issue({ clientId: 'spa', subject: 'alice', scope: 'read' })
    const here = await signIn(server)
    const ids = new Set<unknown>()
    let path: string | undefined = '/account/sessions?limit=500'
    while (path !== undefined) {
      const page: Listed = listed(await request(app).get(path).set('Authorization', here.bearer))
      expect(page.sessions.length).toBeLessThanOrEqual(500)
      for (const { id } of page.sessions) ids.add(id)
      path = page.cursor && `/account/sessions?limit=500&cursor=${encodeURIComponent(page.cursor)}`
    }
    expect(ids.size).toBe(3000)
  })

  test.each([
    ['GET', '?cursor=made-up', 400],
    ['GET', '?limit=501', 400],
    ['GET', '?limit=many', 400],
    ['PUT', '', 405],
    ['POST', '', 405],
    ['GET', '/AAAAAAAAAAAAAAAAAAAAAA', 405],
    ['GET', '/AAAAAAAAAAAAAAAAAAAAAA/more', 404],
  ] as const)('%s %s is a %i', async (method, path, status) => {
    const { app, server } = makeApp(express)
    const { bearer } = await signIn(server)
    const verb = method.toLowerCase() as 'get' | 'put' | 'post'
    const response = await request(app)[verb](`/account/sessions${path}`).set('Authorization', bearer)
    expect(response.status).toBe(status)
  })
})

describe.each(versions)('with the app’s own session, on %s', (_name, express) => {
  const asAlice = { 'x-user': 'alice', 'x-session': 's1' }

  test('the same list marks every grant of that session', async () => {
    const { app, server, clock } = makeApp(express, bySession)
    const here = [await signIn(server, { session: 's1' }), await signIn(server, { session: 's1' })]
    clock.now += 1000
    const there = await signIn(server, { session: 's2' })

    const { sessions } = listed(await request(app).get('/account/sessions').set(asAlice))

    expect(sessions.map(({ current }) => current)).toEqual([true, true, false])
    expect(sessions.map(({ id }) => id)).toEqual(expect.arrayContaining([here[0]?.id, there.id]))
  })

  test('all others are ended, and every grant of that session goes on', async () => {
    const { app, server } = makeApp(express, bySession)
    const here = [await signIn(server, { session: 's1' }), await signIn(server, { session: 's1' })]
    const there = await signIn(server, { session: 's2' })

    const response = await request(app)
      .delete('/account/sessions')
      .set({ ...asAlice, ...own })

    expect(response.body).toEqual({ ended: 1 })
    for (const { id } of here) expect(await statusOf(server, id)).toBe('active')
    expect(await statusOf(server, there.id)).toBe('revoked')
  })

  test.each([
    ['another site', { 'sec-fetch-site': 'cross-site' }],
    ['another host of the site', { 'sec-fetch-site': 'same-site' }],
    ['an address that was typed', { 'sec-fetch-site': 'none' }],
    ['another origin, as an old browser says', { origin: 'https://evil.example' }],
    ['a page without an origin', { origin: 'null' }],
    ['nobody knows where', {}],
  ] as const)('a write from %s is refused, and ends nothing', async (_from, headers) => {
    const { app, server } = makeApp(express, bySession)
    const { id } = await signIn(server)
    for (const path of ['/account/sessions', `/account/sessions/${id}`]) {
      const response = await request(app)
        .delete(path)
        .set({ ...asAlice, ...headers })
      expect(response).toMatchObject({ status: 403, body: { error: 'access_denied' } })
      expect(response.headers).not.toHaveProperty('access-control-allow-origin')
    }
    expect(await statusOf(server, id)).toBe('active')
  })

  test('a write of an old browser is let through by its Origin', async () => {
    const { app, server } = makeApp(express, bySession)
    const { id } = await signIn(server)
    const response = await request(app)
      .delete(`/account/sessions/${id}`)
      .set({ ...asAlice, origin: 'https://app.example', host: 'app.example' })
    expect(response.status).toBe(200)
  })

  test('nobody signed in is a 401, or what the app has answered', async () => {
    const { app } = makeApp(express, bySession)
    expect((await request(app).get('/account/sessions')).body).toMatchObject({ error: 'login_required' })
    const page = await request(app).get('/account/sessions').set('Accept', 'text/html')
    expect(page.status).toBe(401)
    expect(page.headers['content-type']).toMatch(/html/)
    const redirecting = makeApp(express, { user: (_req, res) => res.redirect(303, '/login') })
    expect((await request(redirecting.app).get('/account/sessions')).headers['location']).toBe('/login')
  })

  test.each([
    { subject: '' },
    { subject: 7 },
    { subject: 'alice', session: '' },
    { subject: 'alice', grantId: null },
    { subject: 'alice', grantId: 'of-no-grant' },
    { subject: 'alice', grantID: 'x'.repeat(22) },
    { subject: 'alice', sesion: 's1' },
  ])('%p from the callback is a fault, and nothing is shown or ended', async (given) => {
    const { app, server } = makeApp(express, { user: () => given as never })
    const { id } = await signIn(server)
    const failed: unknown[] = []
    server.on('request.failed', ({ phase }) => failed.push(phase))
    expect((await request(app).delete('/account/sessions').set(own)).status).toBe(503)
    expect(failed).toEqual(['callback'])
    expect(await statusOf(server, id)).toBe('active')
  })

  test('an access token that is shown counts, and not the session beside it', async () => {
    const { app, server } = makeApp(express, bySession)
    const bob = await signIn(server, { subject: 'bob' })
    await signIn(server)
    const response = await request(app)
      .get('/account/sessions')
      .set({ ...asAlice, authorization: bob.bearer })
    expect(listed(response).sessions.map(({ id }) => id)).toEqual([bob.id])
  })
})

/** The page as a browser without script has it. */
async function open(
  app: Parameters<typeof request>[0],
  headers: Record<string, string>,
  query = '',
  cookie = '',
) {
  const page = await request(app)
    .get(`/account/sessions${query}`)
    .set({ ...headers, accept: 'text/html,*/*', ...(cookie !== '' && { cookie }) })
  const token = /name="form_token" value="([^"]+)"/.exec(page.text)?.[1] ?? ''
  return { page, token, cookie: page.headers['set-cookie'] === undefined ? cookie : cookieOf(page) }
}

describe.each(versions)('the page on %s', (_name, express) => {
  const asAlice = { 'x-user': 'alice', 'x-session': 's1' }
  const post = (
    app: Parameters<typeof request>[0],
    cookie: string,
    fields: Record<string, string>,
    headers = {},
  ) =>
    request(app)
      .post('/account/sessions')
      .set({ ...asAlice, ...own, cookie, ...headers })
      .type('form')
      .send(fields)

  test('says device, client, place and times, escaped, with a policy that lets nothing else in', async () => {
    const { app, server, clock } = makeApp(express, bySession)
    await signIn(server, { session: 's1', label: '<i>Phone</i>', remoteAddress: '198.51.100.7' })
    clock.now += 3 * 3_600_000

    const { page } = await open(app, asAlice)

    expect(page.status).toBe(200)
    expect(page.text).toContain('&lt;i&gt;Phone&lt;/i&gt;')
    expect(page.text).toContain('&lt;b&gt;Notebook&lt;/b&gt;')
    expect(page.text).toContain('<strong><bdi>alice &lt;x&gt;</bdi></strong>')
    expect(page.text).toMatch(
      /Signed in on <time datetime="2030-01-01T00:00:00.000Z">January 1, 2030<\/time> from <bdi>198.51.100.7</,
    )
    expect(page.text).toContain('3 hours ago')
    expect(page.text).toContain('This one')
    expect(page.headers['content-security-policy']).toMatch(/^default-src 'none'/)
    expect(page.headers['cache-control']).toBe('no-store')
    expect(asText(page.headers['set-cookie'])).toMatch(
      /__Host-oauth-ratchet-sessions=.*HttpOnly; SameSite=Lax; Secure/,
    )
  })

  test('ends one, is come back to, and says so; a second press of the button says that it was over', async () => {
    const { app, server } = makeApp(express, bySession)
    await signIn(server, { session: 's1' })
    const { id } = await signIn(server)
    const { token, cookie } = await open(app, asAlice)
    const fields = { form_token: token, end: 'one', id }

    const first = await post(app, cookie, fields)
    expect([first.status, first.headers['location']]).toEqual([303, '?ended=1'])
    expect(await statusOf(server, id)).toBe('revoked')
    expect((await open(app, asAlice, '?ended=1', cookie)).page.text).toContain('It has been signed out.')
    const second = await post(app, cookie, fields)
    expect(second.headers['location']).toBe('?ended=0')
    expect((await open(app, asAlice, '?ended=0', cookie)).page.text).toContain('was signed out already')
  })

  test('ends all others', async () => {
    const { app, server } = makeApp(express, bySession)
    const here = await signIn(server, { session: 's1' })
    await signIn(server)
    await signIn(server)
    const { token, cookie } = await open(app, asAlice)

    const response = await post(app, cookie, { form_token: token, end: 'others' })

    expect(response.headers['location']).toBe('?ended_others=2')
    expect(await statusOf(server, here.id)).toBe('active')
  })

  test('its two tabs have one token, and both of their forms are good', async () => {
    const { app, server } = makeApp(express, bySession)
    const [one, two] = [await signIn(server), await signIn(server)]
    const first = await open(app, asAlice)
    const second = await open(app, asAlice, '', first.cookie)

    expect(second.cookie).toBe(first.cookie)
    expect((await post(app, first.cookie, { form_token: first.token, end: 'one', id: one.id })).status).toBe(
      303,
    )
    expect((await post(app, first.cookie, { form_token: second.token, end: 'one', id: two.id })).status).toBe(
      303,
    )
  })

  test.each([
    ['without a token', (token: string) => ({ token: '', user: 'alice', keep: token })],
    ['with another token', () => ({ token: 'x'.repeat(43), user: 'alice' })],
    ['of the user before', (token: string) => ({ token, user: 'bob' })],
    [
      'of another page',
      (token: string) => ({ token, user: 'alice', headers: { 'sec-fetch-site': 'cross-site' } }),
    ],
    ['without the cookie', (token: string) => ({ token, user: 'alice', headers: { cookie: '' } })],
  ])('a form %s ends nothing, and the page says so', async (_case, change) => {
    const { app, server } = makeApp(express, bySession)
    const ids = [await signIn(server), await signIn(server, { subject: 'bob' })].map(({ id }) => id)
    const { token, cookie } = await open(app, asAlice)
    const changed: { token: string; user: string; headers?: object } = change(token)

    for (const end of [{ end: 'others' }, ...ids.map((id) => ({ end: 'one', id }))]) {
      const response = await post(
        app,
        cookie,
        { form_token: changed.token, ...end },
        { 'x-user': changed.user, ...changed.headers },
      )
      expect(response.status).toBe(403)
      expect(response.text).toContain('nothing was signed out')
    }
    for (const id of ids) expect(await statusOf(server, id)).toBe('active')
  })

  test('has a next page, and a way back, for somebody with many sessions', async () => {
    const { app, server } = makeApp(express, bySession)
    for (let count = 0; count < 60; count++) await signIn(server)
    const { page } = await open(app, asAlice)
    const next = /<a href="(\?cursor=[^"]+)">Show more/.exec(page.text)?.[1]?.replaceAll('&amp;', '&')
    expect(page.text.match(/value="one"/g)).toHaveLength(50)

    const second = await open(app, asAlice, next)

    expect(second.page.text.match(/value="one"/g)).toHaveLength(10)
    expect(second.page.text).toContain('<a href="?">Back to the beginning</a>')
  })

  test('speaks the app’s language and words for devices', async () => {
    const { app, server } = makeApp(express, {
      ...bySession,
      describeDevice: (userAgent) => (userAgent === firefox ? 'Feuerfuchs' : undefined),
      pages: {
        lang: 'de',
        texts: { sessionsTitle: 'Wo Sie angemeldet sind', sessionLastUsed: 'Zuletzt {when}' },
      },
    })
    await signIn(server)
    const { page } = await open(app, asAlice)
    expect(page.text).toContain('<h1>Wo Sie angemeldet sind</h1>')
    expect(page.text).toContain('Feuerfuchs')
    expect(page.text).toContain('1. Januar 2030')
    expect(page.text).toMatch(/Zuletzt <time [^>]+>jetzt</)
  })

  test('of a storage that is down is a page with 503, and the list a 503 in JSON', async () => {
    const storage = new MemoryStorage()
    Object.assign(storage.grants, { listBySubject: () => Promise.reject(new Error('down')) })
    const { app, server } = makeApp(express, bySession, { storage })
    server.on('request.failed', () => {})
    const { page } = await open(app, asAlice)
    expect([page.status, page.headers['retry-after']]).toEqual([503, '1'])
    expect(page.text).toContain('Wait a moment and try again.')
    expect((await request(app).get('/account/sessions').set(asAlice)).body).toMatchObject({
      error: 'temporarily_unavailable',
    })
  })
})

describe.each(versions)('misuse on %s', (_name, express) => {
  test.each<[string, object, object]>([
    ['express.unknown_scope', {}, { scopes: ['read'] }],
    ['express.unknown_scope', { scope: 'sesions' }, {}],
    ['express.scope', { scope: '' }, {}],
    ['express.scope', { scope: undefined }, {}],
    ['express.user', { user: 'alice' }, {}],
    ['express.describe_device', { describeDevice: true }, {}],
    ['express.pages', { pages: {} }, {}],
    ['express.pages', { ...bySession, pages: { texts: { sessionSignedIn: 'no date' } } }, {}],
    ['express.unknown_option', { users: () => undefined }, {}],
  ])('is %s for %p', (code, options, server) => {
    expect(() => makeApp(express, options, { clients: [], ...server })).toThrow(
      expect.objectContaining({ code }),
    )
  })

  test('an app without that scope can have the page alone', async () => {
    const { app, server } = makeApp(express, bySession, { scopes: ['read'] })
    const { bearer } = await signIn(server, { scope: 'read' })
    const response = await request(app).get('/account/sessions').set('Authorization', bearer)
    expect(response.status).toBe(401)
  })
})

describe.each(versions)('a session that cannot be read, on %s', (_name, express) => {
  test('is listed so among the others, in JSON and on the page, and can be ended', async () => {
    const storage = new MemoryStorage()
    const list = storage.grants.listBySubject.bind(storage.grants)
    let spoilt = ''
    storage.grants.listBySubject = async (...parameters) => {
      const page = await list(...parameters)
      return {
        ...page,
        grants: page.grants.map((each) => (each.id === spoilt ? { ...each, format: 99 } : each)),
      }
    }
    const { app, server } = makeApp(express, bySession, { storage })
    const [damaged, sound] = [await signIn(server), await signIn(server)]
    spoilt = damaged.id
    const failures: unknown[] = []
    server.on('request.failed', ({ error }) => failures.push(error))

    const json = await request(app).get('/account/sessions').set('Authorization', sound.bearer)
    expect(json.status).toBe(200)
    const entries = new Map(listed(json).sessions.map((each) => [each['id'], each]))
    expect(entries.get(damaged.id)).toMatchObject({ unreadable: true, client_id: 'spa' })
    expect(entries.get(damaged.id)).not.toHaveProperty('scope')
    expect(entries.get(sound.id)).not.toHaveProperty('unreadable')
    expect(failures).toHaveLength(1)

    const page = await request(app).get('/account/sessions').set({ 'x-user': 'alice', accept: 'text/html' })
    expect(page.text).toContain('Unknown device: its details cannot be read')
    expect(page.text).toContain(`value="${damaged.id}"`)
    expect(page.text).toContain('Firefox')

    const ended = await request(app)
      .delete(`/account/sessions/${damaged.id}`)
      .set('Authorization', sound.bearer)
    expect(ended.status).toBe(200)
    expect(await statusOf(server, damaged.id)).toBe('revoked')
  })
})
