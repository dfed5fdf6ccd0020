import type { AuthorizationServerOptions, OAuthError } from '@oauth-ratchet/core'
import { codeOf, redemption } from '../setup/authorization.js'
import { liveGrants } from '../setup/flow.js'
import { clientA, clientC, confidentialSecret, startServer } from '../setup/test-server.js'
import type { Answer } from '../setup/test-server.js'
import { expectAlive, issue } from '../setup/tokens.js'

const message = 'the app’s database is on fire at 10.1.2.3'

/** A callback that works until it is broken, and then throws, rejects or never answers. */
function breakable<T>(value: T) {
  let breakage: (() => T | Promise<T>) | undefined
  return {
    callback: (): T | Promise<T> => (breakage === undefined ? value : breakage()),
    break(how: string): void {
      breakage = {
        throws: (): never => {
          throw new Error(message)
        },
        rejects: () => Promise.reject(new Error(message)),
        'never answers': () => new Promise<never>(() => {}),
      }[how]
    },
    mend(): void {
      breakage = undefined
    },
  }
}

const ways = [['throws'], ['rejects'], ['never answers']]

function expectOutage(answer: Answer): void {
  expect(answer).toMatchObject({
    status: 503,
    headers: { 'retry-after': '1' },
    body: { error: 'temporarily_unavailable' },
  })
  expect(JSON.stringify(answer)).not.toContain(message)
}

function server(options: Partial<AuthorizationServerOptions>) {
  return startServer({ callbackTimeout: 0.02, ...options })
}

describe.each(ways)('a callback that %s is a 503 that consumes and ends nothing:', (way) => {
  test('isSubjectActive at a refresh', async () => {
    const active = breakable(true)
    const at = server({ isSubjectActive: active.callback })
    const first = await issue(at)
    active.break(way)

    expectOutage(await at.refresh(first.refresh_token))

    expect(at.events('request.failed')).toMatchObject([
      { phase: 'callback', error: { callback: 'isSubjectActive' } },
    ])
    active.mend()
    await expectAlive(at, first)
    expect(await at.refresh(first.refresh_token)).toMatchObject({ status: 200 })
  })

  test('isSubjectActive at the redemption of a code', async () => {
    const active = breakable(true)
    const at = server({ isSubjectActive: active.callback })
    const code = await codeOf(at)
    active.break(way)

    expectOutage(await at.token(redemption(code)))

    active.mend()
    expect(await at.token(redemption(code))).toMatchObject({ status: 200 })
  })

  test('claims of JWTs at a refresh', async () => {
    const claims = breakable({ tier: 'gold' })
    const at = server({ accessToken: { format: 'jwt', claims: claims.callback } })
    const first = await issue(at)
    claims.break(way)

    expectOutage(await at.refresh(first.refresh_token))

    claims.mend()
    expect(await at.refresh(first.refresh_token)).toMatchObject({ status: 200 })
  })

  test('claims of JWTs at the redemption of a code', async () => {
    const claims = breakable({ tier: 'gold' })
    const at = server({ accessToken: { format: 'jwt', claims: claims.callback } })
    const code = await codeOf(at)
    claims.break(way)

    expectOutage(await at.token(redemption(code)))

    claims.mend()
    expect(await at.token(redemption(code))).toMatchObject({ status: 200 })
    expect(at.events('grant.reuse_detected')).toEqual([])
  })

  test('claims of JWTs at grants.issue: no grant is left that nobody has a token of', async () => {
    const claims = breakable({ tier: 'gold' })
    const at = server({ accessToken: { format: 'jwt', claims: claims.callback } })
    claims.break(way)

    await expect(issue(at)).rejects.toMatchObject({ name: 'OAuthError', status: 503, retryAfter: 1 })

    expect(await liveGrants(at.storage)).toEqual([])
    expect(await at.server.grants.list({ subject: 'u1' })).toEqual([])
    expect(at.events('grant.issued')).toEqual([])
  })

  test('claims of opaque tokens when they are looked at', async () => {
    const claims = breakable({ tier: 'gold' })
    const at = server({ accessToken: { claims: claims.callback } })
    const first = await issue(at)
    claims.break(way)

    expectOutage(await at.introspect(first.access_token))
    await expect(at.server.tokens.verify(first.access_token)).rejects.toMatchObject({ status: 503 })

    claims.mend()
    expect((await at.introspect(first.access_token)).body).toMatchObject({ active: true, tier: 'gold' })
  })

  test('the function that finds clients', async () => {
    const client = breakable(clientA)
    const at = server({ clients: client.callback })
    const first = await issue(at)
    client.break(way)

    expectOutage(await at.refresh(first.refresh_token))

    client.mend()
    expect(await at.refresh(first.refresh_token)).toMatchObject({ status: 200 })
  })

  test('authenticateUser, which counts as no failed attempt', async () => {
    const signIn = breakable({ subject: 'u1' })
    const at = server({ authenticateUser: signIn.callback, throttle: { attempts: 1 } })
    const form = {
      grant_type: 'password',
      username: 'u1',
      password: 'p',
      client_id: clientC.client_id,
      client_secret: confidentialSecret,
    }
    signIn.break(way)

    for (let times = 0; times < 3; times++) expectOutage(await at.token(form))

    signIn.mend()
    expect(await at.token(form)).toMatchObject({ status: 200 })
  })
})

describe('a callback that answers what it must not', () => {
  test('claims with a name of RFC 9068: 503 before anything is consumed', async () => {
    let claims: Record<string, unknown> = {}
    const at = server({ accessToken: { format: 'jwt', claims: () => claims } })
    const first = await issue(at)

    for (const name of ['sub', 'scope', 'exp', 'client_id', 'cnf', 'active']) {
      claims = { [name]: 'x' }
      expectOutage(await at.refresh(first.refresh_token))
    }

    claims = {}
    expect(await at.refresh(first.refresh_token)).toMatchObject({ status: 200 })
  })

  test.each([
    ['a grant type that there is none of', { ...clientA, grant_types: ['unheard-of'] }],
    ['a list as a string', { ...clientA, grant_types: 'refresh_token' }],
    ['no client_id', { ...clientA, client_id: undefined }],
    ['a client_id that is a number', { ...clientA, client_id: 7 }],
    ['text', 'app-a'],
    ['a list', [clientA]],
    ['false', false],
  ])('a client with %s: 503, and the event says what is wrong', async (_, wrong) => {
    const at = server({ clients: () => wrong as never })

    expectOutage(await at.refresh('orr_x'))

    const [failed] = at.events('request.failed')
    expect(failed).toMatchObject({ phase: 'callback', error: { callback: 'clients' } })
    expect(failed?.['error']).toMatchObject({ cause: { name: 'ConfigurationError' } })
  })

  test.each([undefined, null, 0, 1, '', 'no', {}, []])(
    'isSubjectActive with %j, neither yes nor no: 503, and the grant does not end',
    async (wrong) => {
      let active: unknown = true
      const at = server({ isSubjectActive: () => active as boolean })
      const [first, code] = [await issue(at), await codeOf(at)]
      active = wrong

      expectOutage(await at.refresh(first.refresh_token))
      expectOutage(await at.token(redemption(code)))

      expect(at.events('request.failed')).toMatchObject([
        { phase: 'callback', error: { name: 'CallbackError', callback: 'isSubjectActive' } },
        { phase: 'callback' },
      ])
      expect(at.events('grant.revoked')).toEqual([])
      active = true
      expect(await at.refresh(first.refresh_token)).toMatchObject({ status: 200 })
      expect(await at.token(redemption(code))).toMatchObject({ status: 200 })
    },
  )

  test.each([false, true, '', 'u1', 0, 1])(
    'authenticateUser with %j, which is neither a sign-in nor nothing: 503, and no failed attempt',
    async (wrong) => {
      let answer: unknown = wrong
      const at = server({ authenticateUser: () => answer as never, throttle: { attempts: 1 } })
      const { client_id } = clientC
      const form = { grant_type: 'password', username: 'u1', password: 'p', client_id }
      const send = () => at.token({ ...form, client_secret: confidentialSecret })

      for (let times = 0; times < 3; times++) expectOutage(await send())

      expect(at.events('request.failed')[0]).toMatchObject({ error: { callback: 'authenticateUser' } })
      answer = { subject: 'u1' }
      expect(await send()).toMatchObject({ status: 200 })
    },
  )

  test.each([
    ['gold'],
    [5],
    [true],
    [['gold']],
    [{ toJSON: () => ({ sub: 'u2' }) }],
    [{ toJSON: () => 'x' }],
  ])('claims that are no object of claims (%j): 503 before anything is consumed', async (wrong) => {
    let claims: unknown = {}
    const at = server({ accessToken: { format: 'jwt', claims: () => claims as never } })
    const first = await issue(at)
    claims = wrong

    expectOutage(await at.refresh(first.refresh_token))

    claims = {}
    expect(await at.refresh(first.refresh_token)).toMatchObject({ status: 200 })
  })

  test.each([false, true, 'app-a', 5, [], {}])('a client that is none (%j): 503', async (wrong) => {
    const at = server({ clients: () => wrong as never })

    expectOutage(await at.refresh('orr_x'))
  })

  test('the error of server.tokens keeps the inner reason from the client', async () => {
    const at = server({
      isSubjectActive: () => {
        throw new Error(message)
      },
    })
    const { refresh_token } = await issue(at)

    const error = await at.server.tokens
      .refresh({ refreshToken: refresh_token, clientId: clientA.client_id })
      .catch((thrown: unknown) => thrown as OAuthError)

    expect(error).toMatchObject({ code: 'temporarily_unavailable', status: 503, retryAfter: 1 })
    expect(JSON.stringify(error)).not.toContain(message)
  })
})

// As a query does where the collation of the column ignores case and trailing spaces.
const ignoringCase = (id: string) => (id.trim().toLowerCase() === 'app-a' ? clientA : undefined)

describe('a function that finds clients', () => {
  afterEach(() => {
    jest.restoreAllMocks()
  })

  test.each(['APP-A', 'App-A', 'app-a '])(
    'and answers %p with a client of another client_id: invalid_client, with a warning once',
    async (client_id) => {
      const warn = jest.spyOn(process, 'emitWarning').mockImplementation(() => {})
      const at = startServer({ clients: ignoringCase })
      const { refresh_token } = await issue(at)

      for (let times = 0; times < 2; times++) {
        expect(await at.refresh(refresh_token, { client_id })).toMatchObject({
          status: 400,
          body: { error: 'invalid_client' },
        })
      }

      expect(at.events('request.failed')).toEqual([])
      expect(warn.mock.calls).toEqual([
        [expect.any(String), { type: 'OAuthRatchetWarning', code: 'OAUTH_RATCHET_CLIENT_LOOKUP' }],
      ])
      expect(await at.refresh(refresh_token)).toMatchObject({ status: 200 })
    },
  )

  test('and answers null or nothing: invalid_client', async () => {
    for (const answer of [null, undefined]) {
      const at = startServer({ clients: () => answer })
      expect((await at.refresh('orr_x')).body).toMatchObject({ error: 'invalid_client' })
    }
  })

  test('is not asked for what cannot be a client_id, which a database may not take', async () => {
    const at = startServer({
      clients: () => {
        throw new Error('invalid byte sequence for encoding "UTF8": 0x00')
      },
    })

    // Control characters never get as far from outside; a program may pass anything.
    for (const clientId of ['a\0', '', 'x'.repeat(256)]) {
      await expect(at.server.tokens.refresh({ refreshToken: 'orr_x', clientId })).rejects.toMatchObject({
        code: 'invalid_client',
      })
    }
    expect((await at.refresh('orr_x', { client_id: 'x'.repeat(256) })).body).toMatchObject({
      error: 'invalid_client',
    })
  })

  test('may answer with null where a row of a database has no value', async () => {
    const row = { allowed_origins: null, client_secret: null, disabled: null, may_introspect: null }
    const at = startServer({ clients: () => ({ ...clientA, ...row }) as never })

    expect(await at.refresh((await issue(at)).refresh_token)).toMatchObject({ status: 200 })
  })
})

describe('what a callback gives and nobody can use', () => {
  const circular: Record<string, unknown> = {}
  circular['itself'] = circular

  test.each([
    ['a BigInt', { id: 1n }],
    ['a circle', circular],
    ['a toJSON that throws', { a: { toJSON: () => JSON.parse('{') as unknown } }],
  ])('claims with %s, which JSON cannot write: 503 before anything turns', async (_, claims) => {
    let given: Record<string, unknown> = {}
    const at = startServer({ accessToken: { format: 'jwt', claims: () => given } })
    const { refresh_token } = await issue(at)
    given = claims

    expect(await at.refresh(refresh_token)).toMatchObject({ status: 503 })
    expect(at.events('request.failed')).toMatchObject([{ phase: 'callback' }])
    given = {}
    expect(await at.refresh(refresh_token)).toMatchObject({ status: 200 })
  })

  test('claims that are undefined are none', async () => {
    const at = startServer({ accessToken: { format: 'jwt', claims: () => undefined as never } })
    expect(await at.refresh((await issue(at)).refresh_token)).toMatchObject({ status: 200 })
  })

  test.each([
    ['a time in milliseconds', { subject: 'u1', authTime: Date.now() }],
    ['no subject', { subject: '' }],
    ['a claim of the server’s own', { subject: 'u1', claims: { sub: 'u2' } }],
    ['claims that are none', { subject: 'u1', claims: null as never }],
    ['metadata that JSON cannot write', { subject: 'u1', metadata: { id: 1n } }],
    ['a session that is no string', { subject: 'u1', session: 5 as never }],
    ['amr that is no list', { subject: 'u1', amr: 'pwd' as never }],
    ['a lifetime without an end', { subject: 'u1', lifetimes: { idle: Number.POSITIVE_INFINITY } }],
  ])('a sign-in with %s: a fault of the callback, and for grants.issue of its caller', async (_, signIn) => {
    const at = startServer({ authenticateUser: () => signIn })
    const form = {
      grant_type: 'password',
      username: 'u1',
      password: 'p',
      client_id: clientC.client_id,
      client_secret: confidentialSecret,
    }

    expect(await at.token(form)).toMatchObject({ status: 503 })
    expect(at.events('request.failed')).toMatchObject([{ phase: 'callback', error: { name: 'SignInError' } }])
    await expect(at.server.grants.issue({ clientId: clientC.client_id, ...signIn })).rejects.toThrow(
      TypeError,
    )
  })
})
