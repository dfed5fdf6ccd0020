import crypto from 'node:crypto'
import { basic, clientA, clientC, confidentialSecret, startServer } from '../setup/test-server.js'
import type { TestServer } from '../setup/test-server.js'
import { issue } from '../setup/tokens.js'

const credentials = { grant_type: 'client_credentials' }
const good = { headers: basic(clientC.client_id, confidentialSecret) }
const challenge = 'Basic realm="https://auth.example.com", charset="UTF-8"'
const invalidClient = { body: { error: 'invalid_client' } }

const encoded = (text: string) => ({
  headers: { authorization: `Basic ${Buffer.from(text).toString('base64')}` },
})

const withBody = (client_id: string) => ({ ...credentials, client_id })

describe('client_secret_basic', () => {
  test('splits at the first colon, then form-decodes both halves (C1)', async () => {
    const secret = 's+e c%r&t:é/ and more so that it is not weak'
    const at = startServer({ clients: [{ ...clientC, client_id: 'my client:1', client_secret: secret }] })

    expect(await at.token(credentials, { headers: basic('my client:1', secret) })).toMatchObject({
      status: 200,
    })
    expect(
      await at.token(
        credentials,
        encoded('my+client%3A1:s%2Be+c%25r%26t%3A%C3%A9%2F+and+more+so+that+it+is+not+weak'),
      ),
    ).toMatchObject({ status: 200 })
  })

  test('a secret may have a colon in it, sent raw', async () => {
    const at = startServer({
      clients: [{ ...clientC, client_secret: 'a:b:c-and-more-so-that-it-is-not-weak' }],
    })

    expect(await at.token(credentials, encoded('web-c:a:b:c-and-more-so-that-it-is-not-weak'))).toMatchObject(
      {
        status: 200,
      },
    )
  })

  test.each([
    ['+', 'a+b/c+d-and-more-so-that-it-is-not-weak=='],
    ['%', '100%-and-more-so-that-it-is-not-weak-at-all'],
    ['what cannot be decoded', '%zz%-and-more-so-that-it-is-not-weak-at-all'],
    ['what looks encoded', 'a%2Bb-and-more-so-that-it-is-not-weak-at-all'],
  ])('a secret with %s is taken raw too, as many HTTP clients send it', async (_, secret) => {
    const at = startServer({ clients: [{ ...clientC, client_secret: secret }] })

    for (const sent of [encoded(`web-c:${secret}`), { headers: basic('web-c', secret) }]) {
      expect(await at.token(credentials, sent)).toMatchObject({ status: 200 })
    }
  })

  test('an id is read raw only where no client has the decoded one', async () => {
    const raw = { ...clientC, client_id: 'a%20b', client_secret: 'the-raw-ones-secret-0123456789' }
    const decoded = { ...clientC, client_id: 'a b', client_secret: 'the-decoded-ones-secret-012345' }
    const alone = startServer({ clients: [raw] })
    const both = startServer({ clients: [raw, decoded] })

    expect(await alone.token(credentials, encoded(`a%20b:${raw.client_secret}`))).toMatchObject({
      status: 200,
    })
    expect(await both.token(credentials, encoded(`a%20b:${raw.client_secret}`))).toMatchObject({
      status: 401,
    })
    expect(await both.token(credentials, encoded(`a%20b:${decoded.client_secret}`))).toMatchObject({
      status: 200,
    })
  })

  test('a client_id in the body must be the one of the client that the header is read as (C7)', async () => {
    const raw = { ...clientC, client_id: 'a%20b' }
    const decoded = { ...clientC, client_id: 'a b' }
    const alone = startServer({ clients: [raw] })
    const both = startServer({ clients: [raw, decoded] })
    const sent = encoded(`a%20b:${confidentialSecret}`)

    expect(await alone.token(withBody('a%20b'), sent)).toMatchObject({ status: 200 })
    expect(await both.token(withBody('a b'), sent)).toMatchObject({ status: 200 })
    for (const [at, id] of [
      [alone, 'a b'],
      [both, 'a%20b'],
    ] as const) {
      expect(await at.token(withBody(id), sent)).toMatchObject({ status: 401, ...invalidClient })
    }
    expect(await both.token(withBody('c'), sent)).toMatchObject({ status: 400 })
  })

  test('guesses at one client are counted together, however its id is written', async () => {
    const at = startServer({
      throttle: { attempts: 3, window: 60 },
      clients: [{ ...clientC, client_id: 'a+b' }],
    })
    const guesses = [
      () => at.token(credentials, encoded('a+b:guess')),
      () => at.token(credentials, encoded('a%2Bb:guess')),
      () => at.token({ ...credentials, client_id: 'a+b', client_secret: 'guess' }),
    ]
    const statuses = []
    for (const guess of [...guesses, ...guesses]) statuses.push((await guess()).status)

    expect(statuses).toEqual([401, 401, 400, 429, 429, 429])
  })

  test('two readings of one secret are one attempt', async () => {
    const at = startServer({ throttle: { attempts: 2, window: 60 } })

    expect(await at.token(credentials, encoded('web-c:a+b'))).toMatchObject({ status: 401 })
    expect(await at.token(credentials, encoded('web-c:a+b'))).toMatchObject({ status: 401 })
    expect(await at.token(credentials, encoded('web-c:a+b'))).toMatchObject({ status: 429 })
  })

  test('an unknown client costs the comparison that a known one does', async () => {
    const at = startServer()
    const compared = jest.spyOn(crypto, 'timingSafeEqual')

    const counts = []
    for (const id of ['web-c', 'nobody', 'app-a']) {
      compared.mockClear()
      await at.token(credentials, encoded(`${id}:a+b`))
      counts.push(compared.mock.calls.length)
    }

    expect(counts).toEqual([2, 2, 2])
    compared.mockRestore()
  })

  test('the scheme is case-insensitive (C4)', async () => {
    const at = startServer()
    const { authorization } = good.headers

    for (const scheme of ['basic', 'BASIC', 'BaSiC']) {
      const headers = { authorization: authorization.replace('Basic', scheme) }
      expect(await at.token(credentials, { headers })).toMatchObject({ status: 200 })
    }
  })

  test.each([
    ['bad base64', { headers: { authorization: 'Basic !!!' } }],
    ['nothing', { headers: { authorization: 'Basic' } }],
    ['spaces', { headers: { authorization: 'Basic    ' } }],
    ['no colon', encoded('web-c')],
    ['no id', encoded(`:${confidentialSecret}`)],
    ['bad percent-encoding', encoded('web-c:%zz')],
    [
      'bytes that are not UTF-8',
      { headers: { authorization: `Basic ${Buffer.from([255, 58, 255]).toString('base64')}` } },
    ],
    ['a wrong secret', encoded('web-c:wrong')],
    ['an empty secret', encoded('web-c:')],
    ['a control character behind the secret', encoded(`web-c:${confidentialSecret}%00`)],
    ['a control character behind the secret, raw', encoded(`web-c:${confidentialSecret}\0`)],
    ['a control character in the id', encoded(`web-c%0a:${confidentialSecret}`)],
    ['an unknown client', encoded(`nobody:${confidentialSecret}`)],
    ['an unknown client of another alphabet', encoded(`клиент:${confidentialSecret}`)],
    ['a secret for a public client', encoded('app-a:x')],
  ])('%s is 401 with a challenge and JSON, never a 500 (C3)', async (_, sent) => {
    const at = startServer()

    expect(await at.token(credentials, sent)).toMatchObject({
      status: 401,
      headers: { 'www-authenticate': challenge, 'content-type': 'application/json' },
      ...invalidClient,
    })
  })

  test('another scheme is 401 unless the body says who it is', async () => {
    const at = startServer()
    const headers = { authorization: 'Digest username="web-c"' }

    expect(await at.token(credentials, { headers })).toMatchObject({ status: 401, ...invalidClient })
  })
})

const wrongSecretOf = (id: string) => ({ ...credentials, client_id: id, client_secret: 'wrong' })

describe('client_secret_post and none', () => {
  test.each(['client_id', 'client_secret'] as const)(
    'a control character in %s is invalid_request',
    async (name) => {
      const at = startServer()
      const form = { ...credentials, client_id: clientC.client_id, client_secret: confidentialSecret }
      for (const control of ['\0', '\n', '\u007f', '\u0085']) {
        const answer = await at.token({ ...form, [name]: `${form[name]}${control}` })

        expect(answer).toMatchObject({ status: 400, body: { error: 'invalid_request' } })
      }
      expect(at.events('client.authentication_failed')).toEqual([])
    },
  )

  test('an id of another alphabet is an unknown client, whose lookup asks nobody', async () => {
    const asked: string[] = []
    const at = startServer({ clients: (id) => void asked.push(id) })
    for (const client_id of ['клиент', 'é', 'n'.repeat(256)]) {
      expect(await at.token({ ...credentials, client_id, client_secret: 'x' })).toMatchObject({
        status: 400,
        ...invalidClient,
      })
    }
    await at.token({ ...credentials, client_id: 'n'.repeat(255), client_secret: 'x' })

    expect(asked).toEqual(['n'.repeat(255)])
    expect(at.events('request.failed')).toEqual([])
  })

  test('the secret may come in the body (C5)', async () => {
    const at = startServer()
    const form = { ...credentials, client_id: clientC.client_id }

    expect(await at.token({ ...form, client_secret: confidentialSecret })).toMatchObject({ status: 200 })
    expect(await at.token({ ...form, client_secret: 'wrong' })).toMatchObject({
      status: 400,
      ...invalidClient,
    })
  })

  test('two methods in one request are refused, both right or not (C6)', async () => {
    const at = startServer()
    const twice = { ...credentials, client_secret: confidentialSecret }

    expect(await at.token(twice, good)).toMatchObject({ status: 400, body: { error: 'invalid_request' } })
    for (const name of ['client_assertion', 'client_assertion_type']) {
      const answer = await at.token({
        ...credentials,
        client_id: clientC.client_id,
        client_secret: confidentialSecret,
        [name]: 'x',
      })
      expect(answer.status).toBe(400)
    }
  })

  test('the same client_id in body and header is fine, another is refused (C7)', async () => {
    const at = startServer()

    expect(await at.token({ ...credentials, client_id: clientC.client_id }, good)).toMatchObject({
      status: 200,
    })
    expect(await at.token({ ...credentials, client_id: clientA.client_id }, good)).toMatchObject({
      status: 400,
    })
  })

  test('a public client that sends a secret is refused (C10)', async () => {
    const at = startServer()
    const { refresh_token } = await issue(at)

    expect(await at.refresh(refresh_token, { client_secret: 'anything' })).toMatchObject(invalidClient)
    expect(await at.refresh(refresh_token)).toMatchObject({ status: 200 })
  })

  test('an app registered as public stays public, although a secret was registered with it (C13)', async () => {
    const at = startServer({ clients: [{ ...clientA, client_secret: confidentialSecret }] })
    const { refresh_token } = await issue(at)

    expect(await at.refresh(refresh_token)).toMatchObject({ status: 200 })
  })

  test('an unknown client and a wrong secret are one and the same answer (C10)', async () => {
    const at = startServer()
    const answers = [
      await at.token(wrongSecretOf('nobody')),
      await at.token(wrongSecretOf(clientC.client_id)),
      await at.token(wrongSecretOf(clientA.client_id)),
    ]

    expect(new Set(answers.map((answer) => JSON.stringify(answer))).size).toBe(1)
  })

  test.each(['revoke', 'introspectAs'] as const)(
    '%s asks for the same authentication (C8, V5)',
    async (endpoint) => {
      const at = startServer()
      const { access_token } = await issue(at, { clientId: clientC.client_id })
      const form = { token: access_token, client_id: clientC.client_id }

      expect(await at[endpoint](form)).toMatchObject(invalidClient)
      expect(await at[endpoint]({ ...form, client_secret: 'wrong' })).toMatchObject(invalidClient)
      await expect(at.server.tokens.verify(access_token)).resolves.toMatchObject({ subject: 'u1' })
      expect(await at[endpoint]({ token: access_token }, good)).toMatchObject({ status: 200 })
    },
  )
})

const guess = (at: TestServer, id: string, address = '192.0.2.1') =>
  at.token({ ...credentials, client_id: id, client_secret: 'guess' }, { address })

describe('guessing secrets (C11)', () => {
  const attempts = { throttle: { attempts: 3, window: 60 } }

  test('is answered with 429 and Retry-After after so many attempts, until the window is over', async () => {
    const at = startServer(attempts)
    for (let times = 0; times < 3; times++) expect((await guess(at, clientC.client_id)).status).toBe(400)

    expect(await guess(at, clientC.client_id)).toMatchObject({
      status: 429,
      headers: { 'retry-after': '60' },
    })
    at.clock.advance(20)
    expect(await guess(at, clientC.client_id)).toMatchObject({
      status: 429,
      headers: { 'retry-after': '40' },
    })
    at.clock.advance(40)
    expect((await guess(at, clientC.client_id)).status).toBe(400)
    expect(at.events('client.authentication_failed').map((event) => event['throttled'])).toEqual([
      false,
      false,
      false,
      true,
      true,
      false,
    ])
  })

  test('hurts nobody who has the right secret, whatever others tried, from the same address too', async () => {
    const at = startServer(attempts)
    for (let times = 0; times < 10; times++) await guess(at, clientC.client_id)

    expect(await at.token(credentials, good)).toMatchObject({ status: 200 })
  })

  test('a weak secret cannot be found by guessing on: the right one is not taken either while it is over', async () => {
    const at = startServer({ ...attempts, clients: [{ ...clientC, client_secret: 'weak' }] })
    const right = { ...credentials, client_id: clientC.client_id, client_secret: 'weak' }
    for (let times = 0; times < 3; times++) await guess(at, clientC.client_id)

    expect(await at.token(right)).toMatchObject({ status: 429 })
    expect(await at.token(right, { address: '198.51.100.7' })).toMatchObject({ status: 200 })
    at.clock.advance(60)
    expect(await at.token(right)).toMatchObject({ status: 200 })
  })

  test('counts per client and address, of IPv6 per network', async () => {
    const at = startServer(attempts)
    for (let times = 0; times < 3; times++) await guess(at, 'web-c', `2001:db8:1:2::${times}`)

    expect((await guess(at, 'web-c', '2001:db8:1:2:ffff::1')).status).toBe(429)
    expect((await guess(at, 'web-c', '2001:db8:1:3::1')).status).toBe(400)
    expect((await guess(at, 'app-a', '2001:db8:1:2::1')).status).toBe(400)
  })

  test('is not what a request without a secret does: it is refused, and never counted', async () => {
    const at = startServer(attempts)
    for (let times = 0; times < 10; times++) {
      expect(await at.token({ ...credentials, client_id: clientC.client_id })).toMatchObject({ status: 400 })
    }

    expect((await guess(at, clientC.client_id)).status).toBe(400)
  })

  test('can be switched off', async () => {
    const at = startServer({ throttle: false })
    for (let times = 0; times < 30; times++) expect((await guess(at, 'web-c')).status).toBe(400)
  })

  test('raises an event that names the client, where it is one or a word, the reason and the address', async () => {
    const at = startServer()
    for (const id of ['web-x', confidentialSecret, 'n'.repeat(5000)]) await guess(at, id)
    await guess(at, 'web-c', '203.0.113.9')

    const [misspelt, swapped, long, wrong] = at.events('client.authentication_failed')
    expect(misspelt).toMatchObject({ clientId: 'web-x', reason: 'unknown or disabled client' })
    for (const one of [swapped, long]) {
      expect(one).not.toHaveProperty('clientId')
      expect(one).toMatchObject({ reason: 'unknown or disabled client' })
    }
    expect(wrong).toEqual({
      at: at.clock.now(),
      requestId: expect.any(String),
      clientId: 'web-c',
      reason: 'wrong secret',
      remoteAddress: '203.0.113.9',
      throttled: false,
    })
  })
})

describe('a public client for which a secret is registered all the same (C13)', () => {
  const browser = { ...clientA, client_secret: confidentialSecret }

  test('works with and without it, and its tokens rotate', async () => {
    const at = startServer({ clients: [browser] })
    const first = await issue(at)

    const second = await at.refresh(first.refresh_token, { client_secret: confidentialSecret })
    const third = await at.refresh(String(second.body['refresh_token']))

    expect([second.status, third.status]).toEqual([200, 200])
    expect(second.body['refresh_token']).not.toBe(first.refresh_token)
  })

  test('is refused with a wrong one', async () => {
    const at = startServer({ clients: [browser] })
    const { refresh_token } = await issue(at)

    expect(await at.refresh(refresh_token, { client_secret: 'wrong' })).toMatchObject(invalidClient)
  })
})
