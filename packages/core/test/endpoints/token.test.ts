import type { EndpointResponse } from '@oauth-ratchet/core'
import { answer, clientC, confidentialSecret, formRequest, startServer } from '../setup/test-server.js'
import type { Answer } from '../setup/test-server.js'
import { issue } from '../setup/tokens.js'

const refused = (error: string, status = 400) => ({ status, body: { error } })
const post = {
  grant_type: 'client_credentials',
  client_id: clientC.client_id,
  client_secret: confidentialSecret,
}

describe('the request of a token endpoint', () => {
  test.each(['GET', 'PUT', 'DELETE', 'HEAD', 'PATCH'])(
    '%s is 405 with Allow, and never a token (H1)',
    async (method) => {
      const at = startServer()
      for (const endpoint of ['token', 'revoke', 'introspect'] as const) {
        const request = { ...formRequest(post), method }

        for (const sent of [request, { ...request, headers: {}, body: undefined }]) {
          expect(await answer(at.server.endpoints[endpoint](sent))).toMatchObject({
            ...refused('invalid_request', 405),
            headers: { allow: 'POST' },
          })
        }
      }
    },
  )

  test("what an app writes into an answer's headers is in no other answer", async () => {
    const at = startServer()
    const { endpoints } = at.server
    const ask = async (): Promise<EndpointResponse[]> => [
      await endpoints.token(formRequest(post)),
      await endpoints.token(formRequest({ ...post, client_secret: 'wrong' })),
      await endpoints.introspect(formRequest(post)),
      endpoints.jwks(),
    ]
    const [first, second] = [await ask(), await ask()]

    // As a wrapper without types does.
    for (const { headers } of first) Object.assign(headers, { 'set-cookie': 'session=of-one-user' })

    for (const { headers } of [...second, ...(await ask())]) expect(headers).not.toHaveProperty('set-cookie')
  })

  test('a JSON body under the form media type is refused, and nothing of it comes back (H2)', async () => {
    const at = startServer()
    const { refresh_token } = await issue(at)
    const body = JSON.stringify({ ...post, grant_type: 'refresh_token', refresh_token })

    const answers = await Promise.all([at.token(body), at.revoke(body), at.introspectAs(body)])

    for (const refusal of answers) {
      expect(refusal.status).toBeGreaterThanOrEqual(400)
      expect(JSON.stringify(refusal)).not.toMatch(new RegExp(`${refresh_token}|${confidentialSecret}`))
    }
    expect(answers[0]).toMatchObject(refused('invalid_request'))
    expect(answers[0].body['error_description']).toContain('JSON')
  })

  test('a control character in a token makes it one that is not valid, and no malformed request (R2, V1, I2)', async () => {
    const at = startServer()
    const { refresh_token, access_token } = await issue(at)
    const client = { client_id: clientC.client_id, client_secret: confidentialSecret }

    for (const damaged of [`${refresh_token}\0`, `${refresh_token}\n`, '\0']) {
      const asCode = { grant_type: 'authorization_code', code_verifier: 'v'.repeat(43), client_id: 'app-a' }
      expect(await at.refresh(damaged)).toMatchObject(refused('invalid_grant'))
      expect(await at.token({ ...asCode, code: damaged })).toMatchObject(refused('invalid_grant'))
      expect(await at.revoke({ ...client, token: damaged })).toMatchObject({ status: 200 })
      expect((await at.introspectAs({ ...client, token: damaged })).body).toEqual({ active: false })
    }
    expect((await at.introspect(`${access_token}\0`)).body).toEqual({ active: false })
    expect(await at.refresh(refresh_token)).toMatchObject({ status: 200 })
  })

  test('a JSON or multipart body is invalid_request (H2)', async () => {
    const at = startServer()

    for (const type of ['application/json', 'multipart/form-data; boundary=x', 'text/plain', '']) {
      const sent = { headers: { 'content-type': type } }
      expect(await at.token(JSON.stringify(post), sent)).toMatchObject(refused('invalid_request'))
      expect(await at.token(post, sent)).toMatchObject(refused('invalid_request'))
    }
  })

  test('a repeated parameter is invalid_request (H3)', async () => {
    const at = startServer()
    const { refresh_token } = await issue(at)
    const form = `grant_type=refresh_token&client_id=app-a&refresh_token=${refresh_token}`

    for (const more of [
      'grant_type=refresh_token',
      'client_id=app-a',
      `refresh_token=${refresh_token}`,
      'scope=&scope=read',
    ]) {
      expect(await at.token(`${form}&${more}`)).toMatchObject(refused('invalid_request'))
    }
    expect(await at.token(form)).toMatchObject({ status: 200 })
  })

  test.each(['refresh_token[]', 'refresh_token[a]', '__proto__', 'refresh_token%5B%5D', '%5F%5Fproto__', ''])(
    'the parser trick %p is invalid_request, consumes nothing and is no 500 (H4)',
    async (name) => {
      const at = startServer()
      const { refresh_token } = await issue(at)

      const answers = [
        await at.token(`grant_type=refresh_token&client_id=app-a&${name}=${refresh_token}`),
        await at.token(`grant_type=refresh_token&client_id=app-a&refresh_token=${refresh_token}&${name}=x`),
      ]

      for (const each of answers) expect(each).toMatchObject(refused('invalid_request'))
      expect(await at.refresh(refresh_token)).toMatchObject({ status: 200 })
    },
  )

  test('names of things that objects have are unknown parameters like any other (H4, H6)', async () => {
    const at = startServer()
    const { refresh_token } = await issue(at)
    const form = 'constructor=a&toString=b&hasOwnProperty=c&valueOf=d&foo=bar&client_assertion_x=1'

    expect(
      await at.token(`${form}&grant_type=refresh_token&client_id=app-a&refresh_token=${refresh_token}`),
    ).toMatchObject({ status: 200 })
  })

  test('nothing is read from the query (H7)', async () => {
    const at = startServer()
    const { refresh_token, access_token } = await issue(at)
    const query = `grant_type=refresh_token&client_id=app-a&refresh_token=${refresh_token}&token=${refresh_token}`
    const request = { ...formRequest(''), query }

    const answers: Answer[] = []
    for (const body of [Buffer.from(''), undefined]) {
      answers.push(
        await answer(at.server.endpoints.token({ ...request, body })),
        await answer(at.server.endpoints.revoke({ ...request, body })),
      )
    }

    for (const each of answers) expect(each).toMatchObject(refused('invalid_request'))
    expect((await at.introspect(access_token)).body).toMatchObject({ active: true })
    expect(await at.refresh(refresh_token)).toMatchObject({ status: 200 })
  })

  test.each(['%', '%zz', 'a%', '%C3', '%ff'])(
    'malformed percent-encoding %p is invalid_request (H11)',
    async (text) => {
      const at = startServer()

      for (const form of [`grant_type=${text}`, `${text}=x`, `client_id=app-a&refresh_token=${text}`]) {
        expect(await at.token(form)).toMatchObject(refused('invalid_request'))
      }
    },
  )

  test('what an app’s own body parser made of the body is taken as well', async () => {
    const at = startServer()
    const { refresh_token } = await issue(at)
    const body = { grant_type: 'refresh_token', client_id: 'app-a', refresh_token }
    const call = (parsed: object) => answer(at.server.endpoints.token({ ...formRequest(''), body: parsed }))

    for (const wrong of [
      { ...body, scope: ['read', 'write'] },
      { ...body, refresh_token: { a: refresh_token } },
      { ...body, refresh_token: [refresh_token, refresh_token] },
      { ...body, scope: 5 },
      JSON.parse('{"__proto__":"x"}') as object,
    ]) {
      expect(await call(wrong)).toMatchObject(refused('invalid_request'))
    }
    const unknown = { expires: 5, device: { id: 'x' }, tags: ['a', 'b'] }
    expect(await call({ ...body, ...unknown })).toMatchObject({ status: 200 })
  })
})

describe('the answer of a token endpoint', () => {
  test('of every grant is JSON that no cache keeps, without null or empty members (H8, H12)', async () => {
    const at = startServer({ authenticateUser: () => ({ subject: 'u1' }) })
    const password = { ...post, grant_type: 'password', username: 'u', password: 'p' }

    for (const each of [
      await at.token(post),
      await at.token(password),
      await at.refresh((await issue(at)).refresh_token),
      await at.refresh('garbage'),
    ]) {
      expect(each.headers).toMatchObject({
        'content-type': 'application/json',
        'cache-control': 'no-store',
        pragma: 'no-cache',
      })
      for (const value of Object.values(each.body)) expect(['', null]).not.toContain(value)
    }
  })

  test('tokens are token68 and as random as they are many (H13)', async () => {
    const at = startServer()
    const tokens = new Set<string>()
    for (let count = 0; count < 500; count++) {
      const { access_token, refresh_token } = await issue(at, { subject: `u${count}` })
      for (const token of [access_token, refresh_token]) {
        expect(token).toMatch(/^[A-Za-z0-9\-._~+/]{22,}=*$/)
        tokens.add(token)
      }
    }

    expect(tokens.size).toBe(1000)
  })

  test('an empty scope is left out', async () => {
    const at = startServer({ clients: [{ ...clientC, scope: '' }] })

    expect((await at.token(post)).body).not.toHaveProperty('scope')
  })
})

describe('the grant type', () => {
  test('missing is invalid_request, unknown unsupported_grant_type, not the client’s unauthorized_client (C12)', async () => {
    const at = startServer()
    const { grant_type: _, ...without } = post

    expect(await at.token(without)).toMatchObject(refused('invalid_request'))
    for (const grant_type of ['implicit', 'constructor', '__proto__', 'toString', 'urn:x:y']) {
      expect(await at.token({ ...post, grant_type })).toMatchObject(refused('unsupported_grant_type'))
    }
    expect(await at.token({ grant_type: 'client_credentials', client_id: 'app-a' })).toMatchObject(
      refused('unauthorized_client'),
    )
    const confidential = { ...clientC, grant_types: ['refresh_token'] }
    const refusal = await startServer({ clients: [confidential] }).token(post)
    expect(refusal).toMatchObject(refused('unauthorized_client'))
    expect(refusal.body['error_description']).toMatch(/^The client is not registered for the \w+ grant\.$/)
  })

  test('is not case-insensitive, and characters outside of its alphabet are refused', async () => {
    const at = startServer()

    for (const grant_type of ['Refresh_Token', 'refresh_token ', 'refresh_token\n', 'é', '"']) {
      const answered = await at.token({ ...post, grant_type })
      expect(answered.status).toBe(400)
      expect(['unsupported_grant_type', 'invalid_request']).toContain(answered.body['error'])
    }
  })
})
