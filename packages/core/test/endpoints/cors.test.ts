import { errorCors, preflight } from '@oauth-ratchet/core'
import { codeOf, redemption } from '../setup/authorization.js'
import { clientA, clientC, confidentialSecret, startServer } from '../setup/test-server.js'
import { issue } from '../setup/tokens.js'

const origin = 'access-control-allow-origin'
const withCredentials = 'access-control-allow-credentials'
const exposed = 'DPoP-Nonce, WWW-Authenticate, Retry-After, Date'
const from = (value: string, cors?: 'own' | '*') => ({
  headers: { origin: value },
  ...(cors !== undefined && { options: { cors } }),
})

// What Chromium sends with a form post by fetch, which needs no preflight.
const fetchFrom = (page: string, site: string, cors?: 'own' | '*') => ({
  headers: { origin: page, 'sec-fetch-site': site, 'sec-fetch-mode': 'cors', 'sec-fetch-dest': 'empty' },
  ...(cors !== undefined && { options: { cors } }),
})
const asking = (headers: Readonly<Record<string, string>>) => preflight('POST', { headers }).headers

describe('a preflight', () => {
  test('names no client, and is allowed to every page, with credentials (O1, O2, O4)', () => {
    const { status, headers } = preflight('POST', { headers: { origin: 'https://any.example' } })

    expect(status).toBe(204)
    expect(headers).toMatchObject({
      [origin]: 'https://any.example',
      [withCredentials]: 'true',
      'access-control-allow-methods': 'POST',
      'access-control-max-age': '7200',
      'cache-control': 'no-store',
      vary: 'Origin, Access-Control-Request-Headers',
    })
    for (const name of ['Content-Type', 'Authorization', 'DPoP', 'Idempotency-Key', 'MCP-Protocol-Version']) {
      expect(headers['access-control-allow-headers']?.split(', ')).toContain(name)
    }
  })

  test('of a repeated header has the first: no other is looked at', () => {
    const headers = { origin: ['https://first.example', 'https://second.example'] }
    expect(preflight('POST', { headers }).headers[origin]).toBe('https://first.example')
  })

  test('without Origin is of no page: * and no credentials (Fetch: * allows none)', () => {
    expect(asking({})).toMatchObject({ [origin]: '*' })
    expect(asking({})).not.toHaveProperty(withCredentials)
  })

  test.each([
    // As Chromium sends them: lower case, sorted, no spaces.
    'auth0-client,cache-control,idempotency-key,sentry-trace,traceparent,x-requested-with',
    'X-Requested-With, content-type',
    `x-${'a'.repeat(1022)}`,
  ])('allows the headers that are asked for, of which none is read: %p', (list) => {
    expect(asking({ 'access-control-request-headers': list })['access-control-allow-headers']).toBe(list)
  })

  test.each(['', ',', 'a,', 'x y', 'a;b', 'a: b', 'é', `x-${'a'.repeat(1023)}`])(
    'answers %p, which is no list of header names or is longer than 1 kB, with the headers that are read',
    (list) => {
      expect(asking({ 'access-control-request-headers': list })['access-control-allow-headers']).toMatch(
        /^Content-Type, Authorization/,
      )
    },
  )
})

test('an error outside the endpoints can be read by the page that caused it, and by no cache for another', () => {
  const headers = errorCors('https://a.example')

  expect(headers).toMatchObject({ [origin]: 'https://a.example', vary: 'Origin' })
  expect(headers).not.toHaveProperty(withCredentials)
})

describe('an answer of token and revoke', () => {
  test("can be read by pages of the client's own origins, of redirect URIs and allowed_origins, with credentials (O4)", async () => {
    const at = startServer({
      clients: [
        {
          ...clientA,
          redirect_uris: ['https://a.example:8443/cb?x=1', 'com.example.app:/cb'],
          allowed_origins: ['https://other.example'],
        },
      ],
    })
    for (const own of ['https://a.example:8443', 'https://other.example']) {
      const { refresh_token } = await issue(at)
      const answers = [
        await at.refresh(refresh_token, {}, from(own)),
        await at.revoke({ token: refresh_token, client_id: 'app-a' }, from(own)),
        await at.refresh(refresh_token, {}, from(own)),
      ]

      expect(answers.map(({ status }) => status)).toEqual([200, 200, 400])
      for (const { headers } of answers) {
        expect(headers).toMatchObject({ [origin]: own, [withCredentials]: 'true', vary: 'Origin' })
        expect(headers['access-control-expose-headers']).toBe(exposed)
      }
    }
  })

  test.each([
    'https://evil.example',
    'null',
    'https://a.example:8443',
    'http://a.example',
    'https://a.example.evil.example',
    'https://A.example',
    '',
  ])(
    'a success cannot be read by a page of %p, and says that it depends on the origin (O4)',
    async (foreign) => {
      const at = startServer()
      const { refresh_token } = await issue(at)

      const { status, headers } = await at.refresh(refresh_token, {}, from(foreign))

      expect(status).toBe(200)
      expect(headers).not.toHaveProperty(origin)
      expect(headers['vary']).toBe('Origin')
    },
  )

  test('the redirect URI of a native app gives no page a right, not even null', async () => {
    const at = startServer({ clients: [{ ...clientA, redirect_uris: ['com.example.app:/cb'] }] })
    const { refresh_token } = await issue(at)

    expect((await at.refresh(refresh_token, {}, from('null'))).headers).not.toHaveProperty(origin)
  })

  test('an error can be read by the page that caused it: it has nothing secret (O1, O3)', async () => {
    const at = startServer()
    const answers = [
      await at.refresh('garbage', {}, from('https://anywhere.example')),
      await at.refresh(
        'garbage',
        { client_id: 'nobody', client_secret: 'x' },
        from('https://anywhere.example'),
      ),
      await at.revoke('client_id=app-a', from('https://anywhere.example')),
    ]

    for (const { headers } of answers) {
      expect(headers).toMatchObject({
        [origin]: 'https://anywhere.example',
        vary: 'Origin',
        'access-control-expose-headers': exposed,
      })
    }
  })

  test('an outage and a 429 can be read as well, with their Retry-After', async () => {
    const at = startServer({ throttle: { attempts: 1 } })
    const wrong = { grant_type: 'client_credentials', client_id: clientC.client_id, client_secret: 'wrong' }
    await at.token(wrong)

    const { status, headers } = await at.token(wrong, from('https://anywhere.example'))

    expect(status).toBe(429)
    expect(headers).toMatchObject({ [origin]: 'https://anywhere.example', 'retry-after': '60' })
  })

  test('can be opened for every page, with credentials, which are not read', async () => {
    const at = startServer()
    const { refresh_token } = await issue(at)
    const anywhere = from('https://anywhere.example', '*')

    for (const { headers } of [
      await at.refresh(refresh_token, {}, anywhere),
      await at.refresh('garbage', { client_id: 'nobody' }, anywhere),
    ]) {
      expect(headers).toMatchObject({
        [origin]: 'https://anywhere.example',
        [withCredentials]: 'true',
        vary: 'Origin',
      })
    }
  })

  test("an error to a page that is not of the client's is without credentials", async () => {
    const at = startServer()
    const { headers } = await at.refresh('garbage', {}, from('https://anywhere.example'))

    expect(headers).not.toHaveProperty(withCredentials)
  })

  test('to a request without Origin carries none of it', async () => {
    const at = startServer()
    const { refresh_token } = await issue(at)

    const { headers } = await at.refresh(refresh_token)

    expect(Object.keys(headers).filter((name) => name.startsWith('access-control'))).toEqual([])
  })
})

describe('a token request whose answer the browser would hide', () => {
  test.each([
    ['https://evil.example', 'cross-site'],
    ['https://www.a.example', 'same-site'],
    ['http://a.example', 'cross-site'],
    ['http://127.0.0.1:4602', 'cross-site'],
  ])(
    'from %s, which is %s, is refused before the turn, with an error that it can read',
    async (page, site) => {
      const at = startServer()
      const { refresh_token } = await issue(at)

      const { status, headers, body } = await at.refresh(refresh_token, {}, fetchFrom(page, site))

      expect([status, body['error']]).toEqual([403, 'invalid_request'])
      expect(body['error_description']).toContain('allowed_origins')
      expect(headers).toMatchObject({ [origin]: page, [withCredentials]: 'true', vary: 'Origin' })
      expect(at.events('grant.turned')).toEqual([])
      expect(await at.refresh(refresh_token)).toMatchObject({ status: 200 })
    },
  )

  test('is refused for a code too, which can be redeemed afterwards', async () => {
    const at = startServer()
    const code = await codeOf(at)

    expect(await at.token(redemption(code), fetchFrom('https://evil.example', 'cross-site'))).toMatchObject({
      status: 403,
    })
    expect(await at.token(redemption(code))).toMatchObject({ status: 200 })
  })

  test('is refused where it makes something of which nobody would hear', async () => {
    const at = startServer()
    const form = { grant_type: 'client_credentials', client_id: clientC.client_id }
    const sent = fetchFrom('https://evil.example', 'cross-site')

    expect(await at.token({ ...form, client_secret: confidentialSecret }, sent)).toMatchObject({
      status: 403,
    })
  })

  test.each([
    ["of the client's own page on another site", 'https://a.example', 'cross-site', undefined],
    ['of any page under cors *', 'https://evil.example', 'cross-site', '*' as const],
    ['that a proxy of the page forwards with its Origin', 'http://localhost:5173', 'same-origin', undefined],
    ['of a user', 'https://evil.example', 'none', undefined],
    ['of a Chromium extension', 'chrome-extension://abcdefghijklmnop', 'cross-site', undefined],
    ['of a Firefox extension', 'moz-extension://6a2e', 'cross-site', undefined],
    ['of a page without an origin', 'null', 'cross-site', undefined],
  ])('is not one %s', async (_, page, site, cors) => {
    const at = startServer()
    const { refresh_token } = await issue(at)

    expect(await at.refresh(refresh_token, {}, fetchFrom(page, site, cors))).toMatchObject({ status: 200 })
  })

  test('is unknown without Sec-Fetch-Site or Origin, and nothing is refused', async () => {
    const at = startServer()
    for (const headers of [{ origin: 'https://evil.example' }, { 'sec-fetch-site': 'cross-site' }]) {
      const { refresh_token } = await issue(at)
      expect(await at.refresh(refresh_token, {}, { headers })).toMatchObject({ status: 200 })
    }
  })

  test('a revocation is carried out: repeating it does no harm', async () => {
    const at = startServer()
    const { refresh_token } = await issue(at)
    const form = { token: refresh_token, client_id: 'app-a' }

    const answer = await at.revoke(form, fetchFrom('https://evil.example', 'cross-site'))

    expect(answer).toMatchObject({ status: 200 })
    expect(answer.headers).not.toHaveProperty(origin)
    expect(await at.refresh(refresh_token)).toMatchObject({ status: 400 })
  })
})

describe('introspection', () => {
  test('is for no page at all', async () => {
    const at = startServer()
    const { access_token } = await issue(at)
    const credentials = { client_id: clientC.client_id, client_secret: confidentialSecret }

    for (const form of [{ token: access_token, ...credentials }, { token: access_token }, {}]) {
      const { headers } = await at.introspectAs(form as Record<string, string>, from('https://c.example'))
      expect(headers).not.toHaveProperty(origin)
    }
  })
})

describe('the origins of a client', () => {
  test('a loopback address may have any port, as in its redirect URIs; the name localhost may not', async () => {
    const at = startServer({ clients: [{ ...clientA, redirect_uris: ['http://127.0.0.1/callback'] }] })
    const originOf = async (page: string) => {
      const { refresh_token } = await issue(at)
      return (await at.refresh(refresh_token, {}, from(page))).headers[origin]
    }

    expect(await originOf('http://127.0.0.1:5173')).toBe('http://127.0.0.1:5173')
    for (const foreign of [
      'http://localhost:5173',
      'http://[::1]:5173',
      'https://127.0.0.1:5173',
      'http://127.0.0.1.evil.example',
    ]) {
      expect(await originOf(foreign)).toBeUndefined()
    }
  })

  test('can be of an app shell or a browser extension', async () => {
    const at = startServer({ clients: [{ ...clientA, allowed_origins: ['capacitor://localhost'] }] })
    const { refresh_token } = await issue(at)

    const { headers } = await at.refresh(refresh_token, {}, from('capacitor://localhost'))

    expect(headers[origin]).toBe('capacitor://localhost')
  })
})
