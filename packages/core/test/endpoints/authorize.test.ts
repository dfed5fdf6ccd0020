import * as fc from 'fast-check'
import {
  authorizationQuery,
  authorize,
  challenge,
  codeOf,
  getRequest,
  redemption,
  redirected,
} from '../setup/authorization.js'
import {
  clientA,
  clientC,
  confidentialSecret,
  formRequest,
  issuer,
  startServer,
} from '../setup/test-server.js'
import type { TestServer } from '../setup/test-server.js'
import { tokensOf } from '../setup/tokens.js'

/** Begins, and expects that this is told to the user on a page and to nobody by redirect. */
async function expectPage(at: TestServer, query: string, status = 400): Promise<void> {
  const begun = at.server.endpoints.authorization().begin(getRequest(query))
  await expect(begun).rejects.toMatchObject({ name: 'OAuthError', status })
}

async function refusal(at: TestServer, query: string): Promise<URLSearchParams> {
  const parameters = redirected(await authorize(at, query))
  expect(parameters.has('code')).toBe(false)
  expect(parameters.get('iss')).toBe(issuer)
  return parameters
}

describe('a request whose client or redirect URI is wrong is shown to the user, never redirected', () => {
  test.each([
    ['no client_id', { client_id: undefined }],
    ['an empty client_id', { client_id: '' }],
    ['an unknown client', { client_id: 'nobody' }],
    ['a client of another case', { client_id: 'APP-A' }],
    ['an unregistered redirect URI', { redirect_uri: 'https://evil.example/cb' }],
  ])('%s (A1)', async (_, over) => {
    await expectPage(startServer(), authorizationQuery(over))
  })

  test('a client that is disabled', async () => {
    await expectPage(startServer({ clients: [{ ...clientA, disabled: true }] }), authorizationQuery())
  })

  test('a repeated client_id or redirect_uri, the same or not (A8)', async () => {
    const at = startServer()
    for (const more of ['client_id=app-a', 'client_id=app-b', 'redirect_uri=https%3A%2F%2Fa.example%2Fcb']) {
      await expectPage(at, `${authorizationQuery()}&${more}`)
      await expectPage(at, `${more}&${authorizationQuery()}`)
    }
  })

  test.each(['client_id', 'redirect_uri'])(
    '%s with a control character, or in a form with brackets',
    async (name) => {
      const at = startServer()
      const value = new URLSearchParams(authorizationQuery()).get(name) ?? ''
      for (const more of [
        `${name}=${value}%00`,
        `${name}=%0a${value}`,
        `${name}[]=${value}`,
        `${name}%5Bx%5D=${value}`,
      ]) {
        await expectPage(at, `${authorizationQuery({ [name]: undefined })}&${more}`)
        await expectPage(at, `${authorizationQuery()}&${more}`)
      }
    },
  )

  test('no redirect URI, unless exactly one is registered (A4)', async () => {
    const query = authorizationQuery({ redirect_uri: undefined })
    const two = { ...clientA, redirect_uris: ['https://a.example/cb', 'https://a.example/cb2'] }
    const { redirect_uris: _, ...rest } = clientA
    const none = { ...rest, grant_types: ['refresh_token'] }

    await expectPage(startServer({ clients: [two] }), query)
    await expectPage(startServer({ clients: [none] }), query)
    expect(redirected(await authorize(startServer(), query)).has('code')).toBe(true)
  })

  test('another method than GET and POST, and a request that is too long', async () => {
    const at = startServer()
    const endpoint = at.server.endpoints.authorization()
    const query = authorizationQuery()

    await expect(endpoint.begin({ ...getRequest(query), method: 'PUT' })).rejects.toMatchObject({
      status: 405,
    })
    const long = authorizationQuery({ state: 'x'.repeat(9000) })
    await expect(endpoint.begin(getRequest(long))).rejects.toMatchObject({ status: 414 })
    // By POST it would not fit the way back from signing in either.
    await expect(endpoint.begin(formRequest(long))).rejects.toMatchObject({ status: 414 })
    const longest = `${query}&state=`.padEnd(8192, 'x')
    await expect(endpoint.begin(getRequest(longest))).resolves.toMatchObject({ error: undefined })
    await expect(endpoint.begin(getRequest(`${longest}x`))).rejects.toMatchObject({ status: 414 })
  })
})

describe('what the client is told by redirect', () => {
  test.each([
    ['no response_type', { response_type: undefined }, 'invalid_request'],
    ['the implicit flow (A7)', { response_type: 'token' }, 'unsupported_response_type'],
    ['a hybrid flow (A7)', { response_type: 'code token' }, 'unsupported_response_type'],
    ['a scope that is unknown (A6)', { scope: 'read unheard-of' }, 'invalid_scope'],
    ['a scope that is not the client’s (A6)', { scope: 'admin' }, 'invalid_scope'],
    ['another response_mode', { response_mode: 'fragment' }, 'invalid_request'],
    [
      'no code_challenge (K1)',
      { code_challenge: undefined, code_challenge_method: undefined },
      'invalid_request',
    ],
    ['a method without a challenge', { code_challenge: undefined }, 'invalid_request'],
    ['the method plain (K3)', { code_challenge_method: 'plain' }, 'invalid_request'],
    ['no method, which means plain (K3)', { code_challenge_method: undefined }, 'invalid_request'],
    ['a challenge that is too short (K5)', { code_challenge: challenge.slice(1) }, 'invalid_request'],
    ['a challenge with padding (K5)', { code_challenge: `${challenge}=` }, 'invalid_request'],
    ['a prompt that is unknown', { prompt: 'create' }, 'invalid_request'],
    ['prompt=none beside others', { prompt: 'none login' }, 'invalid_request'],
    ['a max_age that is no number', { max_age: '-1' }, 'invalid_request'],
    ['a max_age of more than nine digits', { max_age: '1'.repeat(10) }, 'invalid_request'],
  ])('%s', async (_, over, error) => {
    const parameters = await refusal(startServer(), authorizationQuery({ state: 's', ...over }))

    expect(parameters.get('error')).toBe(error)
    expect(parameters.get('state')).toBe('s')
  })

  test.each([
    ['no challenge', { code_challenge: undefined, code_challenge_method: undefined }, 'code_challenge'],
    ['plain', { code_challenge_method: 'plain' }, 'S256'],
    ['no method', { code_challenge_method: undefined }, 'S256'],
  ])('what PKCE lacks is said in the description (RFC 7636 §4.4.1): %s', async (_, over, word) => {
    const parameters = await refusal(startServer(), authorizationQuery(over))

    expect(parameters.get('error_description')).toContain(word)
  })

  test('a client without the grant type: unauthorized_client (A6)', async () => {
    const at = startServer({ clients: [{ ...clientA, grant_types: ['refresh_token'] }] })

    expect((await refusal(at, authorizationQuery())).get('error')).toBe('unauthorized_client')
  })

  test('a repeated parameter, where a repeated state goes back as none (A8)', async () => {
    const at = startServer()
    for (const more of ['scope=read&scope=write', 'state=a&state=b', 'response_type=code', 'scope=&scope=']) {
      const parameters = await refusal(at, `${authorizationQuery()}&${more}`)
      expect(parameters.get('error')).toBe('invalid_request')
      expect(parameters.has('state')).toBe(false)
    }
    const resources = 'resource=https%3A%2F%2Fr1&resource=https%3A%2F%2Fr2'
    expect(redirected(await authorize(at, `${authorizationQuery()}&${resources}`)).has('code')).toBe(true)
  })

  test.each(['scope', 'response_type', 'prompt', 'max_age', 'login_hint', 'code_challenge', 'resource'])(
    'a control character in %s, and a form of it with brackets, where the state goes back',
    async (name) => {
      const at = startServer()
      for (const more of [
        `${name}=x%00`,
        `${name}=%0Ax`,
        `${name}=%C2%85`,
        `${name}[]=x`,
        `${name}%5Ba%5D=x`,
      ]) {
        const query = `${authorizationQuery({ [name]: undefined, state: 's' })}&${more}`

        const parameters = await refusal(at, query)

        expect(parameters.get('error')).toBe('invalid_request')
        expect(parameters.get('error_description')).toContain(name)
        expect(parameters.get('state')).toBe('s')
      }
    },
  )

  test('nothing that is quoted from a request: names that are not known may be anything', async () => {
    const token = `orr_${'A'.repeat(100)}`
    const at = startServer()
    for (const more of [
      `${token}&${token}`,
      `scope[${token}]=1`,
      `scope=${token}`,
      `prompt=${token}`,
      `max_age=${token}`,
    ]) {
      const response = await authorize(at, `${authorizationQuery()}&${more}`)

      expect(response.headers['location']).not.toContain(token)
    }
  })

  test('a denial, and that nobody is signed in (A6)', async () => {
    const at = startServer()
    const endpoint = at.server.endpoints.authorization()
    const pending = await endpoint.begin(getRequest(authorizationQuery({ state: 's' })))

    for (const error of ['access_denied', 'login_required', 'consent_required'] as const) {
      const parameters = redirected(endpoint.refuse(pending, error))
      expect(Object.fromEntries(parameters)).toEqual({
        error,
        error_description: expect.stringMatching(/^[\x20-\x21\x23-\x5b\x5d-\x7e]+$/) as string,
        state: 's',
        iss: issuer,
      })
    }
  })

  test('unknown parameters are ignored, and empty ones are none (A9)', async () => {
    const query = `${authorizationQuery({ scope: '' })}&extra=foobar&extra=1&extra%5Ba%5D=1&x[]=2&nonce=&state=&__proto__=1&%zz=%zz&x=%00`
    const parameters = redirected(await authorize(startServer(), query))

    expect([...parameters.keys()]).toEqual(['code', 'iss'])
  })

  test('a POST with a form is taken as well (A9)', async () => {
    const at = startServer()
    const endpoint = at.server.endpoints.authorization()

    const pending = await endpoint.begin(formRequest(authorizationQuery({ state: 'é&=' })))

    expect(pending).toMatchObject({ error: undefined, state: 'é&=', scope: ['read', 'write'] })
  })
})

describe('the redirect with a code', () => {
  test('is a 303 that no cache keeps and no referrer leaves (A12, A15)', async () => {
    const response = await authorize(startServer())

    expect(response).toMatchObject({
      status: 303,
      headers: { 'cache-control': 'no-store', 'referrer-policy': 'no-referrer' },
      body: '',
    })
    expect(response.headers).not.toHaveProperty('content-type')
    expect(Object.keys(response.headers).filter((name) => name.startsWith('access-control'))).toEqual([])
  })

  test('brings state back byte for byte, whatever it is, and splits no header (A10)', async () => {
    const at = startServer()
    const fixed = ['a+b%20&=é"<>%0d%0aX: y', '\r\nX: y', '#', ' ', '+', '%', '🔑', '\u0000']
    for (const state of fixed) {
      const response = await authorize(at, authorizationQuery({ state }))
      expect(redirected(response).get('state')).toBe(state)
      expect(response.headers['location']).toMatch(/^[\x21-\x7e]+$/)
    }
    await fc.assert(
      fc.asyncProperty(fc.string({ unit: 'grapheme', minLength: 1, maxLength: 80 }), async (state) => {
        expect(redirected(await authorize(at, authorizationQuery({ state }))).get('state')).toBe(state)
      }),
      { numRuns: 50 },
    )
  })

  test('has iss once, equal to the issuer, and no state where none was sent (A10, A11)', async () => {
    const parameters = redirected(await authorize(startServer()))

    expect(parameters.getAll('iss')).toEqual([issuer])
    expect(parameters.has('state')).toBe(false)
  })

  test('keeps the query that was registered (A5)', async () => {
    const at = startServer({
      clients: [{ ...clientA, redirect_uris: ['https://a.example/cb?x=1&y=%20', 'https://a.example/p?'] }],
    })

    const kept = await authorize(at, authorizationQuery({ redirect_uri: 'https://a.example/cb?x=1&y=%20' }))
    const empty = await authorize(at, authorizationQuery({ redirect_uri: 'https://a.example/p?' }))

    expect(kept.headers['location']).toMatch(/^https:\/\/a\.example\/cb\?x=1&y=%20&code=orc_/)
    expect(empty.headers['location']).toMatch(/^https:\/\/a\.example\/p\?code=orc_/)
  })

  test('gives no more scope than was asked for, whatever consent says', async () => {
    const at = startServer()
    const query = authorizationQuery({ scope: 'read' })

    const tokens = tokensOf(
      await at.token(redemption(await codeOf(at, query, undefined, ['read', 'write', 'admin']))),
    )

    expect(tokens.scope).toBe('read')
  })

  test('needs no PKCE of a confidential client where the options say so', async () => {
    const query = authorizationQuery({
      client_id: clientC.client_id,
      redirect_uri: 'https://c.example/cb',
      code_challenge: undefined,
      code_challenge_method: undefined,
    })
    const optional = startServer({ authorizationCode: { requirePkce: 'public' } })

    expect((await refusal(startServer(), query)).get('error')).toBe('invalid_request')
    expect(redirected(await authorize(optional, query)).has('code')).toBe(true)
    const withoutForA = authorizationQuery({ code_challenge: undefined, code_challenge_method: undefined })
    expect((await refusal(optional, withoutForA)).get('error')).toBe('invalid_request')
    // Half of it is a client that means to use it, and has lost its challenge on the way.
    const half = `${query}&code_challenge_method=S256`
    expect((await refusal(optional, half)).get('error')).toBe('invalid_request')
  })

  test('is granted to a client that is registered for no scope and asks for none', async () => {
    const at = startServer({ clients: [{ ...clientA, scope: '' }] })

    const tokens = tokensOf(await at.token(redemption(await codeOf(at))))

    expect(tokens).not.toHaveProperty('scope')
  })

  test('the app sees the client without its secret, and what was asked for', async () => {
    const at = startServer()
    const endpoint = at.server.endpoints.authorization()
    const query = authorizationQuery({
      client_id: clientC.client_id,
      redirect_uri: 'https://c.example/cb',
      login_hint: 'alice',
      max_age: '60',
    })

    const described = endpoint.describe(await endpoint.begin(getRequest(query)), false)

    expect(JSON.stringify(described)).not.toContain(confidentialSecret)
    expect(described).toMatchObject({
      client: { client_id: clientC.client_id },
      scope: ['read', 'write'],
      loginHint: 'alice',
      maxAge: 60,
      mustReauthenticate: false,
      returnTo: `/oauth/authorize?${query}`,
    })
  })
})

const post = (query: string) => ({ ...formRequest(query), query: '' })

describe('a request by POST is read like one by GET', () => {
  test('a repeated parameter goes back to the client, an unknown one with brackets is ignored (A8, A9)', async () => {
    const at = startServer()
    const endpoint = at.server.endpoints.authorization()

    const twice = await endpoint.begin(post(`${authorizationQuery({ state: 's' })}&scope=read&scope=write`))
    const odd = await endpoint.begin(post(`${authorizationQuery()}&extra[]=1&__proto__=x`))

    expect(twice.error).toMatchObject({ code: 'invalid_request' })
    expect(odd).toMatchObject({ error: undefined, scope: ['read', 'write'] })
  })

  test('what a body parser has made of brackets is refused where the name is known, as is repetition', async () => {
    const at = startServer()
    const endpoint = at.server.endpoints.authorization()
    const good = Object.fromEntries(new URLSearchParams(authorizationQuery()))
    const begin = (body: object) => endpoint.begin({ ...post(''), body })

    await expect(begin({ ...good, client_id: ['app-a'] })).rejects.toMatchObject({ code: 'invalid_request' })
    await expect(begin({ ...good, client_id: { 0: 'app-a' } })).rejects.toMatchObject({
      code: 'invalid_request',
    })
    expect(await begin({ ...good, state: ['s'] })).toMatchObject({
      error: { code: 'invalid_request' },
      state: undefined,
    })
    expect(await begin({ ...good, extra: ['s'], other: { a: 's' } })).toMatchObject({ error: undefined })
    expect(await begin({ ...good, scope: ['read', 'write'] })).toMatchObject({
      error: { code: 'invalid_request' },
    })
  })

  test('__proto__ is ignored by GET too', async () => {
    expect(await codeOf(startServer(), `${authorizationQuery()}&__proto__=x`)).not.toBe('')
  })
})

describe('the scope that is granted', () => {
  test('nothing of what was asked for: access_denied, for a response without scope would say all (RFC 6749 §5.1)', async () => {
    const at = startServer()

    const answer = redirected(await authorize(at, authorizationQuery(), { subject: 'u1' }, []))

    expect(answer.get('error')).toBe('access_denied')
    expect(answer.has('code')).toBe(false)
  })

  test('is the same in any order, and a scope of another case is another one (RFC 6749 §3.3)', async () => {
    const at = startServer()
    const tokens = tokensOf(
      await at.token(redemption(await codeOf(at, authorizationQuery({ scope: 'write read' })))),
    )

    expect(tokens.scope.split(' ').toSorted()).toEqual(['read', 'write'])
    expect((await refusal(at, authorizationQuery({ scope: 'READ' }))).get('error')).toBe('invalid_scope')
  })

  test('blanks alone are no scope', async () => {
    expect((await refusal(startServer(), authorizationQuery({ scope: ' ' }))).get('error')).toBe(
      'invalid_scope',
    )
  })
})

describe('the absolute limit counts from consent', () => {
  test('a code whose authorization has ended is redeemed by nobody, and raises nothing (R14, R16)', async () => {
    const at = startServer()
    const code = await codeOf(at, undefined, { subject: 'u1', lifetimes: { absolute: 30 } })
    at.clock.advance(30)

    expect(await at.token(redemption(code))).toMatchObject({ status: 400, body: { error: 'invalid_grant' } })

    expect(at.raised).toEqual([])
  })

  test('for a client without refresh tokens too (R18)', async () => {
    const at = startServer({ clients: [{ ...clientA, grant_types: ['authorization_code'] }] })
    const code = await codeOf(at, undefined, { subject: 'u1', lifetimes: { absolute: 100 } })
    at.clock.advance(50)

    expect(tokensOf(await at.token(redemption(code))).expires_in).toBe(50)
  })
})
