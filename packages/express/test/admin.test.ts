import { MemoryStorage } from '@oauth-ratchet/core'
import type { AuthorizationServer, AuthorizationServerOptions, ServerEvents } from '@oauth-ratchet/core'
import { adminRouter } from '@oauth-ratchet/express'
import type { AdminRouterOptions } from '@oauth-ratchet/express'
import request from 'supertest'
import { makeServer, serviceSecret, startsAt, versions } from './harness.js'
import type { ExpressModule } from './harness.js'

const clients = [
  {
    client_id: 'spa',
    token_endpoint_auth_method: 'none',
    grant_types: ['refresh_token'],
    scope: 'read sessions admin',
  },
  { client_id: 'other', token_endpoint_auth_method: 'none', grant_types: ['refresh_token'], scope: 'read' },
  {
    client_id: 'console',
    client_secret: serviceSecret,
    grant_types: ['client_credentials'],
    scope: 'admin read',
  },
] as const
const machine = { grant_types: ['client_credentials'], scope: 'read', client_name: 'Reports' }
const own = { 'sec-fetch-site': 'same-origin' }
const admin = () => undefined
const down = () => Promise.reject(new Error('down'))

type Changed = ServerEvents['client.changed']
type Revoked = ServerEvents['grant.revoked']

/** An app with the router, and the events that its calls raise. */
async function makeApp(
  express: ExpressModule,
  options: AdminRouterOptions = {},
  server: Partial<AuthorizationServerOptions> = {},
) {
  const made = makeServer({
    scopes: ['read', 'sessions', 'admin'],
    clients,
    refreshToken: { maxPerSubjectAndClient: null },
    ...server,
  })
  const events: { changed: Changed[]; revoked: Revoked[] } = { changed: [], revoked: [] }
  made.server.on('client.changed', (event) => events.changed.push(event))
  made.server.on('grant.revoked', (event) => events.revoked.push(event))
  const app = express()
  app.use('/admin', adminRouter(made.server, options))
  app.use((_req, res) => void res.status(404).send('the app'))
  const token = await serviceToken(made.server)
  const call = (method: 'get' | 'head' | 'post' | 'put' | 'patch' | 'delete', path: string, bearer = token) =>
    request(app)[method](`/admin${path}`).set('Authorization', `Bearer ${bearer}`)
  return { ...made, app, call, events }
}

const form = (fields: Record<string, string>) => ({
  method: 'POST',
  headers: { 'content-type': 'application/x-www-form-urlencoded' },
  query: '',
  body: Buffer.from(new URLSearchParams(fields).toString()),
})

async function serviceToken(
  server: AuthorizationServer,
  client = { client_id: 'console', client_secret: serviceSecret },
  scope = 'admin',
) {
  const { body } = await server.endpoints.token(form({ grant_type: 'client_credentials', scope, ...client }))
  return (JSON.parse(body) as { access_token: string }).access_token
}

/** The status of the token endpoint for a client's credentials. */
const statusOfClient = async (server: AuthorizationServer, id: string, secret: string) =>
  (
    await server.endpoints.token(
      form({ grant_type: 'client_credentials', client_id: id, client_secret: secret }),
    )
  ).status

async function signIn(server: AuthorizationServer, subject = 'alice', clientId = 'spa', scope = 'read') {
  const tokens = await server.grants.issue({ clientId, subject, scope })
  const { grantId = '' } = await server.tokens.verify(tokens.access_token)
  return { ...tokens, id: grantId }
}

const statusOf = async (server: AuthorizationServer, id: string) => (await server.grants.get(id))?.status
interface Grants {
  readonly grants: readonly Readonly<Record<string, unknown>>[]
  readonly cursor?: string
}
interface Shown {
  readonly client_id: string
  readonly client_secret: string
}

describe.each(versions)('who may administrate, on %s', (_name, express) => {
  test('nobody without a token, or with one that lacks the scope', async () => {
    const { app, call, server } = await makeApp(express, { isAdmin: () => true })
    const { id, access_token } = await signIn(server)
    const without = await request(app).delete(`/admin/grants/${id}`)
    expect(without.status).toBe(401)
    expect(without.headers['www-authenticate']).toMatch(/^Bearer realm=.*scope="admin"/)
    const ofSessions = await signIn(server, 'alice', 'spa', 'sessions')
    const ofService = await serviceToken(server, undefined, 'read')
    for (const token of [access_token, ofSessions.access_token, ofService]) {
      for (const answer of [
        await call('get', '/grants?subject=alice', token),
        await call('delete', `/grants/${id}`, token),
        await call('post', '/clients', token).send(machine),
        await call('put', '/clients', token),
      ]) {
        expect(answer).toMatchObject({ status: 403, body: { error: 'insufficient_scope' } })
      }
    }
    expect(await statusOf(server, id)).toBe('active')
    expect(await server.clients.list()).toEqual([])
  })

  test('a user whose client has the scope, only where isAdmin says so: any user can sign in to a client', async () => {
    const { call, server } = await makeApp(express)
    const alice = await signIn(server, 'alice', 'spa', 'admin')
    expect(await call('get', '/clients', alice.access_token)).toMatchObject({
      status: 403,
      body: { error: 'access_denied' },
    })
    const asked: unknown[] = []
    const asking = await makeApp(express, {
      isAdmin: ({ subject, clientId, scope }) => {
        asked.push([subject, clientId, scope])
        return Promise.resolve(subject === 'jane')
      },
    })
    const jane = await signIn(asking.server, 'jane', 'spa', 'admin')
    const bob = await signIn(asking.server, 'bob', 'spa', 'admin')
    expect((await asking.call('get', '/clients', jane.access_token)).status).toBe(200)
    expect((await asking.call('get', '/clients', bob.access_token)).status).toBe(403)
    expect((await asking.call('get', '/clients')).status).toBe(200)
    expect(asked).toEqual([
      ['jane', 'spa', ['admin']],
      ['bob', 'spa', ['admin']],
    ])
  })

  test.each<[string, NonNullable<AdminRouterOptions['isAdmin']>]>([
    ['throws', () => Promise.reject(new Error('down'))],
    ['answers neither true nor false', (() => 'yes') as never],
  ])('an isAdmin that %s lets nobody in', async (_case, isAdmin) => {
    const { call, server } = await makeApp(express, { isAdmin })
    const failures: unknown[] = []
    server.on('request.failed', (event) => failures.push(event.phase))
    const { access_token } = await signIn(server, 'jane', 'spa', 'admin')
    expect((await call('get', '/clients', access_token)).status).toBe(503)
    expect(failures).toEqual(['callback'])
  })

  test('an administrator of the app’s own session, whose writes must come from the same origin', async () => {
    const { app, events, server } = await makeApp(express, {
      admin: (req) => (req.get('x-admin') === undefined ? undefined : { by: `admin:${req.get('x-admin')}` }),
    })
    const { id } = await signIn(server)
    const jane = { 'x-admin': 'jane' }
    expect((await request(app).get('/admin/grants?subject=alice')).body).toMatchObject({
      error: 'login_required',
    })
    expect((await request(app).get('/admin/grants?subject=alice').set(jane)).status).toBe(200)
    for (const headers of [{}, { 'sec-fetch-site': 'cross-site' }, { 'sec-fetch-site': 'same-site' }]) {
      for (const path of [`/admin/grants/${id}`, '/admin/grants?subject=alice']) {
        const refused = await request(app)
          .delete(path)
          .set({ ...jane, ...headers })
        expect(refused).toMatchObject({ status: 403, body: { error: 'access_denied' } })
      }
      const refused = await request(app)
        .post('/admin/clients')
        .set({ ...jane, ...headers })
        .send(machine)
      expect(refused.status).toBe(403)
    }
    expect(await statusOf(server, id)).toBe('active')
    expect(await server.clients.list()).toEqual([])

    const ended = await request(app)
      .delete(`/admin/grants/${id}`)
      .set({ ...jane, ...own })

    expect(ended).toMatchObject({ status: 200, body: { ended: 1 } })
    expect(events.revoked.map(({ by }) => by)).toEqual(['admin:jane'])
  })

  test.each([{ by: '' }, { by: 'a\nb' }, { by: 7 }, {}, { by: 'x'.repeat(256) }])(
    '%p from the callback is a fault, and changes nothing',
    async (given) => {
      const { app, server } = await makeApp(express, { admin: () => given as never })
      server.on('request.failed', () => {})
      const response = await request(app).post('/admin/clients').set(own).send(machine)
      expect(response.status).toBe(503)
      expect(await server.clients.list()).toEqual([])
    },
  )
})

describe.each(versions)('grants, on %s', (_name, express) => {
  test('are listed and shown, with whose they are, and without a token', async () => {
    const { call, server } = await makeApp(express, {}, { sessions: { keep: ['label'] } })
    const tokens = await server.grants.issue({
      clientId: 'spa',
      subject: 'alice',
      label: 'Phone',
      authTime: startsAt / 1000,
    })
    const { grantId = '' } = await server.tokens.verify(tokens.access_token)
    await signIn(server, 'alice', 'other')
    await signIn(server, 'bob')
    const grant = {
      id: grantId,
      status: 'active',
      subject: 'alice',
      client_id: 'spa',
      scope: 'read sessions admin',
      label: 'Phone',
      auth_time: startsAt / 1000,
      created_at: startsAt / 1000,
      last_used_at: startsAt / 1000,
      expires_at: expect.any(Number),
    }

    const list = await call('get', '/grants?subject=alice&client_id=spa')
    const shown = await call('get', `/grants/${grantId}`)

    expect([list.status, list.body]).toEqual([200, { grants: [grant] }])
    expect(shown.body).toEqual(grant)
    expect(list.headers['cache-control']).toBe('no-store')
    expect((await call('head', '/grants?subject=alice')).status).toBe(200)
    expect(((await call('get', '/grants?subject=alice')).body as Grants).grants).toHaveLength(2)
    for (const secret of [tokens.access_token, tokens.refresh_token]) {
      expect(list.text + shown.text).not.toContain(secret)
    }
  })

  test('1,200 of one user come page by page, each once', async () => {
    const { call, server } = await makeApp(express)
    for (let count = 0; count < 1200; count++) {
      await server.grants.issue({ clientId: 'spa', subject: 'alice', scope: 'read' })
    }
    const ids = new Set<unknown>()
    let path: string | undefined = '/grants?subject=alice&limit=500'
    let pages = 0
    while (path !== undefined) {
      const { grants, cursor } = (await call('get', path)).body as Grants
      for (const { id } of grants) ids.add(id)
      pages += 1
      path = cursor && `/grants?subject=alice&limit=500&cursor=${encodeURIComponent(cursor)}`
    }
    expect([ids.size, pages]).toEqual([1200, 3])
  })

  test('one is ended by its id, once, and the event says by whom', async () => {
    const { call, events, server } = await makeApp(express)
    const { id, access_token } = await signIn(server)

    const answers = await Promise.all([call('delete', `/grants/${id}`), call('delete', `/grants/${id}`)])

    expect(answers.map(({ status }) => status).toSorted((one, other) => one - other)).toEqual([200, 404])
    await expect(server.tokens.verify(access_token)).rejects.toMatchObject({ code: 'invalid_token' })
    expect(events.revoked).toEqual([
      {
        grantId: id,
        clientId: 'spa',
        subject: 'alice',
        generation: 1,
        reason: 'revoked',
        by: 'client:console',
        at: startsAt,
        requestId: expect.any(String),
      },
    ])
    expect((await call('get', `/grants/${id}`)).body).toMatchObject({ id, status: 'revoked' })
  })

  test('all of a user, all of a client, and all of a user at a client are ended', async () => {
    const { call, events, server } = await makeApp(express)
    const [aliceSpa, aliceOther] = [await signIn(server), await signIn(server, 'alice', 'other')]
    const [bobSpa, bobOther] = [await signIn(server, 'bob'), await signIn(server, 'bob', 'other')]
    const statuses = async () =>
      Promise.all([aliceSpa, aliceOther, bobSpa, bobOther].map(({ id }) => statusOf(server, id)))

    expect((await call('delete', '/grants?subject=alice&client_id=spa')).body).toEqual({ ended: 1 })
    expect(await statuses()).toEqual(['revoked', 'active', 'active', 'active'])
    expect((await call('delete', '/grants?client_id=other')).body).toEqual({ ended: 2 })
    expect(await statuses()).toEqual(['revoked', 'revoked', 'active', 'revoked'])
    expect((await call('delete', '/grants?subject=bob')).body).toEqual({ ended: 1 })
    expect(events.revoked.map(({ by }) => by)).toEqual(Array(4).fill('client:console'))
  })

  test("a grant is ended with a subject only where it is that user's: one that cannot be read too", async () => {
    const { call, server } = await makeApp(express)
    const { id } = await signIn(server)
    expect((await call('delete', `/grants/${id}?subject=bob`)).status).toBe(404)
    expect((await call('delete', `/grants/${id}?subject=`)).status).toBe(400)
    expect(await statusOf(server, id)).toBe('active')
    expect((await call('delete', `/grants/${id}?subject=alice`)).body).toEqual({ ended: 1 })
  })

  test('ending many takes several requests, each with the cursor of the one before', async () => {
    let time = startsAt
    const storage = new MemoryStorage()
    const scan = storage.grants.scan.bind(storage.grants)
    // Six seconds a page.
    storage.grants.scan = (page, filter) => {
      time += 6000
      return scan({ ...page, limit: 2 }, filter)
    }
    const { call, server } = await makeApp(express, {}, { storage, now: () => time })
    const grants = [await signIn(server), await signIn(server), await signIn(server, 'bob')]

    const first = await call('delete', '/grants?client_id=spa')
    const { ended, cursor } = first.body as { ended: number; cursor: string }
    const other = await call('delete', `/grants?client_id=other&cursor=${encodeURIComponent(cursor)}`)
    const second = await call('delete', `/grants?client_id=spa&cursor=${encodeURIComponent(cursor)}`)

    expect(ended).toBeLessThanOrEqual(2)
    expect(other.status).toBe(400)
    expect(second.body).toEqual({ ended: 3 - ended })
    for (const { id } of grants) expect(await statusOf(server, id)).toBe('revoked')
  })

  test.each([
    ['without a filter', ''],
    ['with an empty subject', '?subject=&client_id=spa'],
    ['with a subject twice', '?subject=alice&subject=bob'],
    ['with a misspelt filter', '?client_id=spa&subjcet=alice'],
    ['with a cursor of none', '?client_id=spa&cursor=s.1'],
  ])('a DELETE %s is a 400, and ends nothing', async (_case, query) => {
    const { call, server } = await makeApp(express)
    const { id } = await signIn(server)
    const response = await call('delete', `/grants${query}`)
    expect(response).toMatchObject({ status: 400, body: { error: 'invalid_request' } })
    expect(await statusOf(server, id)).toBe('active')
  })

  test.each([
    ['get', '/grants', 400],
    ['get', '/grants?client_id=spa', 400],
    ['get', '/grants?subject=alice&limit=501', 400],
    ['get', '/grants?subject=alice&cursor=made-up', 400],
    ['get', '/grants/AAAAAAAAAAAAAAAAAAAAAA', 404],
    ['delete', '/grants/AAAAAAAAAAAAAAAAAAAAAA', 404],
    ['get', '/grants/%00', 404],
    ['post', '/grants', 405],
    ['get', '/grants/a/b', 404],
  ] as const)('%s %s is a %i', async (method, path, status) => {
    const { call } = await makeApp(express)
    expect((await call(method, path)).status).toBe(status)
  })

  test('in an outage everything is a 503 with Retry-After', async () => {
    const storage = new MemoryStorage()
    Object.assign(storage.grants, { listBySubject: down, revokeBySubject: down, find: down, revoke: down })
    Object.assign(storage.clients, { list: down, save: down })
    const { call, server } = await makeApp(express, {}, { storage })
    server.on('request.failed', () => {})
    const id = 'A'.repeat(22)
    for (const answer of [
      await call('get', '/grants?subject=alice'),
      await call('delete', '/grants?subject=alice'),
      await call('get', `/grants/${id}`),
      await call('delete', `/grants/${id}`),
      await call('get', '/clients'),
      await call('post', '/clients').send(machine),
    ]) {
      expect(answer).toMatchObject({ status: 503, body: { error: 'temporarily_unavailable' } })
      expect(answer.headers['retry-after']).toBe('1')
    }
  })

  test('in maintenance grants can be ended and clients disabled, and no client changed otherwise', async () => {
    const { call, server } = await makeApp(express)
    const { id } = await signIn(server)
    await call('post', '/clients').send({ ...machine, client_id: 'reports' })
    server.maintenance.on()
    expect((await call('delete', `/grants/${id}`)).status).toBe(200)
    expect((await call('post', '/clients/reports/disable')).status).toBe(200)
    const refused = await call('post', '/clients/reports/secret')
    expect(refused).toMatchObject({ status: 503, headers: { 'retry-after': '30' } })
  })
})

describe.each(versions)('clients, on %s', (_name, express) => {
  test('one is made, and its secret is shown this once', async () => {
    const { call, server, events } = await makeApp(express)

    const created = await call('post', '/clients').send({ ...machine, client_uri: null })

    expect(created.status).toBe(201)
    expect(created.headers['cache-control']).toBe('no-store')
    const { client_id: id, client_secret: secret } = created.body as Shown
    expect(created.body).toEqual({
      ...machine,
      client_id: id,
      client_id_issued_at: startsAt / 1000,
      client_secret: expect.stringMatching(/^[\w-]{43}$/),
      client_secret_expires_at: 0,
    })
    expect(await statusOfClient(server, id, secret)).toBe(200)
    const later = [await call('get', `/clients/${id}`), await call('get', '/clients')]
    expect(later[0]?.body).toEqual({ ...machine, client_id: id, client_id_issued_at: startsAt / 1000 })
    expect(later[1]?.body).toEqual({ clients: [later[0]?.body] })
    for (const { text } of later) expect(text).not.toMatch(/secret|hash/)
    expect(events.changed).toEqual([
      { clientId: id, change: 'created', by: 'client:console', at: startsAt, requestId: expect.any(String) },
    ])
  })

  test('every change is made, and its event says by whom', async () => {
    const { call, server, clock, events } = await makeApp(express, { isAdmin: () => true })
    const jane = (await signIn(server, 'jane', 'spa', 'admin')).access_token
    const first = (await call('post', '/clients', jane).send({ client_id: 'm/1 x', ...machine }))
      .body as Shown
    const path = '/clients/m%2F1%20x'

    const renamed = await call('patch', path, jane).send({ client_name: 'Bills', scope: null })
    expect(renamed.body).toEqual({
      client_id: 'm/1 x',
      client_id_issued_at: startsAt / 1000,
      grant_types: ['client_credentials'],
      client_name: 'Bills',
    })
    const second = (await call('post', `${path}/secret`, jane).send({ overlap: 60 })).body as Shown
    expect(second.client_secret).not.toBe(first.client_secret)
    const statuses = () =>
      Promise.all([first, second].map(({ client_secret }) => statusOfClient(server, 'm/1 x', client_secret)))
    expect(await statuses()).toEqual([200, 200])
    clock.now += 61_000
    expect(await statuses()).toEqual([400, 200])
    expect((await call('post', `${path}/disable`, jane)).body).toMatchObject({ disabled: true })
    expect(await statuses()).toEqual([400, 400])
    expect((await call('post', `${path}/enable`, jane)).body).toMatchObject({ disabled: false })
    expect(await statuses()).toEqual([400, 200])
    const third = (await call('post', `${path}/secret`, jane)).body as Shown
    expect(await statusOfClient(server, 'm/1 x', second.client_secret)).toBe(400)
    expect(await statusOfClient(server, 'm/1 x', third.client_secret)).toBe(200)
    const removed = await Promise.all([call('delete', path, jane), call('delete', path, jane)])
    expect(removed.map(({ status }) => status).toSorted((one, other) => one - other)).toEqual([200, 404])
    for (const answer of [
      await call('get', path, jane),
      await call('patch', path, jane).send({ client_name: 'x' }),
      await call('post', `${path}/secret`, jane),
      await call('post', `${path}/disable`, jane),
    ]) {
      expect(answer.status).toBe(404)
    }

    expect(events.changed.map(({ change, by, clientId }) => [change, by, clientId])).toEqual(
      ['created', 'updated', 'secret_rotated', 'disabled', 'enabled', 'secret_rotated', 'removed'].map(
        (change) => [change, 'jane', 'm/1 x'],
      ),
    )
  })

  test('what was read can be sent back', async () => {
    const { call } = await makeApp(express)
    const { client_id: id } = (await call('post', '/clients').send(machine)).body as Shown
    const before = (await call('get', `/clients/${id}`)).body as object
    const after = await call('patch', `/clients/${id}`).send({ ...before, client_name: 'Bills' })
    expect(after).toMatchObject({ status: 200, body: { ...before, client_name: 'Bills' } })
  })

  test('1,200 come page by page, each once, and none of another realm’s', async () => {
    const storage = new MemoryStorage()
    const { call, server } = await makeApp(express, {}, { storage })
    const elsewhere = makeServer({ storage, realm: 'another' }).server
    for (let count = 0; count < 1200; count++) await server.clients.create(machine)
    for (let count = 0; count < 600; count++) await elsewhere.clients.create(machine)
    const ids: string[] = []
    let path: string | undefined = '/clients?limit=500'
    while (path !== undefined) {
      const { clients: page, cursor } = (await call('get', path)).body as {
        clients: Shown[]
        cursor?: string
      }
      ids.push(...page.map(({ client_id }) => client_id))
      path = cursor && `/clients?limit=500&cursor=${encodeURIComponent(cursor)}`
    }
    expect([ids.length, new Set(ids).size]).toEqual([1200, 1200])
  })

  test('those of the configuration cannot be changed here, and whoever tries learns it', async () => {
    const { call, server, events } = await makeApp(express)
    for (const answer of [
      await call('patch', '/clients/spa').send({ client_name: 'x' }),
      await call('post', '/clients/spa/secret'),
      await call('post', '/clients/spa/disable'),
      await call('delete', '/clients/spa'),
      await call('post', '/clients').send({ client_id: 'spa', ...machine }),
    ]) {
      expect(answer.status).toBe(409)
    }
    expect((await call('get', '/clients/spa')).status).toBe(404)
    expect(await server.clients.nameOf('spa')).toBeUndefined()
    expect(events.changed).toEqual([])
  })

  const secret = 'hunter2-hunter2-hunter2'
  test.each<[string, object, number, string, string]>([
    [
      'a misspelt member',
      { redirectUris: [secret] },
      400,
      'invalid_client_metadata',
      'clients.unknown_member',
    ],
    [
      'a redirect URI that cannot be one',
      { redirect_uris: [`javascript:${secret}`] },
      400,
      'invalid_redirect_uri',
      'clients.redirect_uris',
    ],
    [
      'a name that is no text',
      { client_name: { secret } },
      400,
      'invalid_client_metadata',
      'clients.client_name',
    ],
    [
      'grant types that are none',
      { grant_types: [secret] },
      400,
      'invalid_client_metadata',
      'clients.grant_types',
    ],
    ['an id that is none', { client_id: 7 }, 400, 'invalid_client_metadata', 'clients.client_id'],
    ['a secret of its own', { client_secret: secret }, 400, 'invalid_client_metadata', 'client_secret'],
    ['an id that is taken', { client_id: 'taken' }, 409, 'invalid_client_metadata', 'client_id'],
  ])('%s is refused by name, and what was given is not quoted', async (_case, given, status, error, name) => {
    const { call, server } = await makeApp(express)
    await call('post', '/clients').send({ client_id: 'taken', ...machine })
    const response = await call('post', '/clients').send({ ...machine, ...given })
    expect(response).toMatchObject({ status, body: { error } })
    expect((response.body as { error_description: string }).error_description).toContain(name)
    expect(response.text).not.toContain(secret)
    expect(await server.clients.list()).toHaveLength(1)
    // The same for a change.
    if (status === 400) {
      const change = await call('patch', '/clients/taken').send(given)
      expect([change.status, (change.body as { error: string }).error]).toEqual([status, error])
      expect(change.text).not.toContain(secret)
    }
  })

  test.each<[string, string, string, number]>([
    ['application/json', '{"client_name": "hunter2', 'not JSON', 400],
    ['application/json', '[]', 'object', 400],
    ['application/x-www-form-urlencoded', 'client_name=x', 'application/json', 415],
    ['text/plain', '{}', 'application/json', 415],
    ['application/json', `{"client_name":"${'x'.repeat(17_000)}"}`, '16 kB', 413],
  ])('a body of %s, %.30s, is refused', async (type, body, description, status) => {
    const { call, server } = await makeApp(express)
    const response = await call('post', '/clients').set('Content-Type', type).send(body)
    expect(response.status).toBe(status)
    expect(response.text).toContain(description)
    expect(response.text).not.toContain('hunter2')
    expect(await server.clients.list()).toEqual([])
  })

  test('a body that express.json() has read is taken', async () => {
    const { server } = await makeApp(express)
    const app = express()
    app.use(express.json())
    app.use('/admin', adminRouter(server))
    const token = await serviceToken(server)
    const created = await request(app)
      .post('/admin/clients')
      .set('Authorization', `Bearer ${token}`)
      .send({ client_id: 'm', ...machine })
    const renamed = await request(app)
      .patch('/admin/clients/m')
      .set('Authorization', `Bearer ${token}`)
      .send({ client_name: 'x' })
    expect([created.status, renamed.status]).toEqual([201, 200])
  })

  test.each([
    ['a public client', { token_endpoint_auth_method: 'none', grant_types: ['refresh_token'] }, {}],
    ['an overlap that is text', machine, { overlap: '60' }],
    ['a negative overlap', machine, { overlap: -1 }],
    ['a misspelt overlap', machine, { overlapp: 60 }],
  ])('no secret is rotated for %s', async (_case, metadata, body) => {
    const { call, events } = await makeApp(express)
    await call('post', '/clients').send({ client_id: 'm', ...metadata })
    expect((await call('post', '/clients/m/secret').send(body)).status).toBe(400)
    expect(events.changed.map(({ change }) => change)).toEqual(['created'])
  })

  test('the id stays', async () => {
    const { call } = await makeApp(express)
    await call('post', '/clients').send({ client_id: 'm', ...machine })
    expect((await call('patch', '/clients/m').send({ client_id: 'n' })).status).toBe(400)
  })

  test('a service whose own id is as long as one may be is named in the event', async () => {
    const { call, events, server } = await makeApp(express)
    const long = { client_id: 'x'.repeat(255), ...machine, scope: 'admin' }
    const { client_id, client_secret } = (await call('post', '/clients').send(long)).body as Shown
    const token = await serviceToken(server, { client_id, client_secret })
    expect((await call('post', '/clients', token).send(machine)).status).toBe(201)
    expect(events.changed[1]?.by).toBe(`client:${client_id}`.slice(0, 255))
  })

  test.each([
    ['get', '/clients/nobody', 404],
    ['get', '/clients/%E0', 404],
    ['get', '/clients/%00', 404],
    ['delete', '/clients/nobody', 404],
    ['get', '/clients?limit=0', 400],
    ['get', '/clients?cursor=g.x', 400],
    ['delete', '/clients', 405],
    ['get', '/clients/m/secret', 405],
    ['get', '/', 404],
  ] as const)('%s %s is a %i', async (method, path, status) => {
    const { call } = await makeApp(express)
    expect((await call(method, path)).status).toBe(status)
  })
})

describe.each(versions)('misuse on %s', (_name, express) => {
  test.each<[string, object, object]>([
    ['express.unknown_scope', {}, { scopes: ['read'] }],
    ['express.unknown_scope', { scope: 'admn' }, {}],
    ['express.unknown_scope', { admin, isAdmin: () => true }, { scopes: ['read'] }],
    ['express.scope', { scope: '' }, {}],
    ['express.scope', { scope: undefined }, {}],
    ['express.admin', { admin: 'jane' }, {}],
    ['express.admin', { admin: undefined }, {}],
    ['express.is_admin', { isAdmin: true }, {}],
    ['express.unknown_option', { user: admin }, {}],
  ])('is %s for %p', async (code, options, server) => {
    await expect(makeApp(express, options, { clients: [], ...server })).rejects.toMatchObject({ code })
  })
})
