import { errorCors, preflight } from '@oauth-ratchet/core'
import { clientA, clientC, confidentialSecret, startServer } from '../setup/test-server.js'
import { issue } from '../setup/tokens.js'

const origin = 'access-control-allow-origin'
const from = (value: string, cors?: 'own' | '*') => ({
  headers: { origin: value },
  ...(cors !== undefined && { options: { cors } }),
})

describe('a preflight', () => {
  test('names no client, and is allowed to every page, without credentials (O1, O2, O4)', () => {
    const { status, headers } = preflight('POST')

    expect(status).toBe(204)
    expect(headers).toMatchObject({ [origin]: '*', 'access-control-allow-methods': 'POST' })
    expect(headers).toMatchObject({ 'cache-control': 'no-store', 'access-control-max-age': '7200' })
    for (const name of ['Content-Type', 'Authorization', 'DPoP', 'Idempotency-Key', 'MCP-Protocol-Version']) {
      expect(headers['access-control-allow-headers']?.split(', ')).toContain(name)
    }
    expect(headers).not.toHaveProperty('access-control-allow-credentials')
  })
})

test('an error outside the endpoints can be read by the page that caused it, and by no cache for another', () => {
  const headers = errorCors('https://a.example')

  expect(headers).toMatchObject({ [origin]: 'https://a.example', vary: 'Origin' })
  expect(headers).not.toHaveProperty('access-control-allow-credentials')
})

describe('an answer of token and revoke', () => {
  test("can be read by pages of the client's own origins: of its redirect URIs and allowed_origins (O4)", async () => {
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
      ]

      for (const { status, headers } of answers) {
        expect(status).toBe(200)
        expect(headers).toMatchObject({ [origin]: own, vary: 'Origin' })
        expect(headers).not.toHaveProperty('access-control-allow-credentials')
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
        'access-control-expose-headers': 'DPoP-Nonce, WWW-Authenticate, Retry-After',
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

  test('can be opened for every page, still without credentials', async () => {
    const at = startServer()
    const { refresh_token } = await issue(at)

    const { headers } = await at.refresh(refresh_token, {}, from('https://anywhere.example', '*'))

    expect(headers[origin]).toBe('*')
    expect(headers).not.toHaveProperty('access-control-allow-credentials')
  })

  test('to a request without Origin carries none of it', async () => {
    const at = startServer()
    const { refresh_token } = await issue(at)

    const { headers } = await at.refresh(refresh_token)

    expect(Object.keys(headers).filter((name) => name.startsWith('access-control'))).toEqual([])
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
