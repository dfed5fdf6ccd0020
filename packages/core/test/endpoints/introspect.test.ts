import { codeOf } from '../setup/authorization.js'
import { tampered } from '../setup/tampered.js'
import {
  basic,
  clientA,
  clientC,
  confidentialSecret,
  introspectionSecret,
  issuer,
  resourceServer,
  startServer,
} from '../setup/test-server.js'
import type { TestServer } from '../setup/test-server.js'
import { idOfGrant, issue, tokensOf } from '../setup/tokens.js'

const inactive = { active: false }
const asC = { client_id: clientC.client_id, client_secret: confidentialSecret }
const asServer = { client_id: resourceServer.client_id, client_secret: introspectionSecret }

describe('who may introspect (I1)', () => {
  test('nobody without credentials: 401 with a challenge', async () => {
    const at = startServer()
    const { access_token } = await issue(at)

    expect(await at.introspectAs({ token: access_token })).toMatchObject({
      status: 401,
      headers: { 'www-authenticate': expect.stringMatching(/^Basic /) },
      body: { error: 'invalid_client' },
    })
  })

  test('nobody by a bearer token: 401 with a Bearer challenge', async () => {
    const at = startServer()
    const { access_token } = await issue(at)

    for (const authorization of [`Bearer ${access_token}`, 'bearer x', 'Bearer']) {
      expect(await at.introspectAs({ token: access_token }, { headers: { authorization } })).toMatchObject({
        status: 401,
        headers: { 'www-authenticate': 'Bearer error="invalid_token"' },
        body: { error: 'invalid_token' },
      })
    }
  })

  test('no public client, of its own tokens either: who copied one must not learn when it is spent (I5)', async () => {
    const at = startServer({ refreshToken: { reuseGrace: 10 } })
    const first = await issue(at)
    await at.refresh(first.refresh_token)

    for (const token of [first.access_token, first.refresh_token, 'x']) {
      const answer = await at.introspectAs({ token, client_id: clientA.client_id })
      expect(answer).toMatchObject({ status: 400, body: { error: 'invalid_client' } })
      expect(answer.headers).not.toHaveProperty('www-authenticate')
    }
    expect(at.events('client.authentication_failed')[0]).toMatchObject({ reason: 'a public client' })
  })

  test('no public client with a secret that was registered for it, which proves nothing (C13, I5)', async () => {
    const browser = { ...clientA, client_secret: confidentialSecret }
    const at = startServer({ clients: [browser] })
    const { access_token: token } = await issue(at)
    const form = { token, client_id: clientA.client_id }

    const [right, wrong] = [
      await at.introspectAs({ ...form, client_secret: confidentialSecret }),
      await at.introspectAs({ ...form, client_secret: 'wrong' }),
    ]
    expect(right).toMatchObject({ status: 400, body: { error: 'invalid_client' } })
    expect(right).toEqual(wrong)
    const headers = basic(clientA.client_id, confidentialSecret)
    expect(await at.introspectAs({ token }, { headers })).toMatchObject({
      status: 401,
      headers: { 'www-authenticate': expect.stringMatching(/^Basic /) },
      body: { error: 'invalid_client' },
    })
  })

  test('a public, a confidential and an unknown client without a secret get one answer', async () => {
    const at = startServer()
    const answers = await Promise.all(
      [clientA.client_id, clientC.client_id, 'nobody'].map((client_id) =>
        at.introspectAs({ token: 'x', client_id }),
      ),
    )

    expect(new Set(answers.map((answer) => JSON.stringify(answer))).size).toBe(1)
  })

  test('not who has the wrong secret', async () => {
    const at = startServer()

    expect((await at.introspectAs({ token: 'x', ...asServer, client_secret: 'wrong' })).body).toMatchObject({
      error: 'invalid_client',
    })
  })

  test('a missing token is invalid_request, and a body that is no form too (I4)', async () => {
    const at = startServer()

    expect(await at.introspectAs(asServer)).toMatchObject({ status: 400, body: { error: 'invalid_request' } })
    expect(await at.introspectAs('{}', { headers: { 'content-type': 'application/json' } })).toMatchObject({
      status: 400,
      body: { error: 'invalid_request' },
    })
  })
})

describe('an active token (I3)', () => {
  test('an access token tells its type, times, scope, subject, client, issuer, audience and grant', async () => {
    const at = startServer()
    const tokens = await issue(at, {
      claims: { tier: 'gold' },
      acr: 'mfa',
      metadata: { device: 'x' },
    })
    const { access_token } = tokens
    const now = at.clock.seconds

    expect(await at.introspect(access_token)).toMatchObject({
      status: 200,
      headers: { 'cache-control': 'no-store', 'content-type': 'application/json' },
    })
    expect((await at.introspect(access_token)).body).toEqual({
      active: true,
      iss: issuer,
      client_id: clientA.client_id,
      sub: 'u1',
      token_type: 'Bearer',
      aud: issuer,
      iat: now,
      exp: now + 900,
      jti: expect.any(String) as string,
      grant_id: idOfGrant(tokens),
      scope: 'read write',
      acr: 'mfa',
      tier: 'gold',
    })
  })

  test('with the app’s claims where the app is asked for them', async () => {
    const asked: unknown[] = []
    const at = startServer({
      accessToken: {
        claims: (grant) => {
          asked.push(grant.subject)
          return { tier: 'gold' }
        },
      },
    })
    const { access_token } = await issue(at, { claims: { org: 'o1' } })

    expect((await at.introspect(access_token)).body).toMatchObject({ tier: 'gold', org: 'o1' })
    expect(asked).toEqual(['u1'])
  })

  test('several audiences are a list', async () => {
    const at = startServer({ accessToken: { audience: ['https://r1', 'https://r2'] } })
    const { access_token } = await issue(at)

    expect((await at.introspect(access_token)).body).toMatchObject({ aud: ['https://r1', 'https://r2'] })
  })

  test('a refresh token tells its limits, and no token_type', async () => {
    const at = startServer()
    const { refresh_token } = await issue(at)
    const now = at.clock.seconds

    expect((await at.introspect(refresh_token)).body).toEqual({
      active: true,
      iss: issuer,
      client_id: clientA.client_id,
      sub: 'u1',
      iat: now,
      exp: now + 30 * 86_400,
      scope: 'read write',
      refresh_token_timeout: 30 * 86_400,
      authorization_expires_in: 180 * 86_400,
    })
  })

  test.each(['access_token', 'refresh_token', 'foo', ''])(
    'is the same with a hint of %p (I4)',
    async (token_type_hint) => {
      const at = startServer()
      const { access_token } = await issue(at)
      const form = { token: access_token, ...asServer }

      expect(await at.introspectAs({ ...form, token_type_hint })).toEqual(await at.introspectAs(form))
    },
  )

  test('asking changes nothing: not even of a spent refresh token (I4)', async () => {
    const at = startServer()
    const first = await issue(at)
    const second = tokensOf(await at.refresh(first.refresh_token))

    for (let times = 0; times < 3; times++)
      expect((await at.introspect(first.refresh_token)).body).toEqual(inactive)

    expect(at.events('grant.reuse_detected')).toEqual([])
    expect(await at.refresh(second.refresh_token)).toMatchObject({ status: 200 })
  })

  test('loses a scope that the grant has lost since', async () => {
    const at = startServer()
    const { access_token } = await issue(at)
    const [grant] = await at.server.grants.list({ subject: 'u1' })
    await at.server.grants.update(grant?.id ?? '', { scope: 'read' })

    expect((await at.introspect(access_token)).body).toMatchObject({ scope: 'read' })
  })
})

async function ask(at: TestServer, token: string) {
  const answer = await at.introspect(token)
  expect(answer.status).toBe(200)
  return answer.body
}

describe('an inactive token is exactly {"active":false} (I2)', () => {
  test('unknown, tampered, or of another kind', async () => {
    const at = startServer()
    const { access_token, refresh_token } = await issue(at)
    const code = await codeOf(at)

    for (const token of [
      'x',
      'ora_x',
      'orr_x',
      'a.b.c',
      `${access_token}A`,
      access_token.slice(0, -1),
      tampered(access_token),
      tampered(refresh_token),
      code,
    ]) {
      expect(await ask(at, token)).toEqual(inactive)
    }
  })

  test('expired, to the second', async () => {
    const at = startServer()
    const { access_token } = await issue(at)
    at.clock.advance(899.999)
    expect(await ask(at, access_token)).toMatchObject({ active: true })
    at.clock.advance(0.001)

    expect(await ask(at, access_token)).toEqual(inactive)
  })

  test('revoked or rotated', async () => {
    const at = startServer()
    const first = await issue(at)
    await at.refresh(first.refresh_token)
    expect(await ask(at, first.refresh_token)).toEqual(inactive)
    await at.server.grants.revokeAll({ subject: 'u1' })

    expect(await ask(at, first.access_token)).toEqual(inactive)
  })

  test('of a grant from before the grants_not_before of its client, or of the server', async () => {
    const before = startServer()
    const tokens = await issue(before)
    before.clock.advance(10)
    const cut = before.clock.seconds - 5
    const { storage, clock } = before
    const client = { ...clientA, grants_not_before: cut }

    for (const options of [{ clients: [client, resourceServer] }, { grantsNotBefore: cut }]) {
      const at = startServer({ storage, ...options }, clock)
      expect(await ask(at, tokens.refresh_token)).toEqual(inactive)
      expect(await ask(at, tokens.access_token)).toEqual(inactive)
    }
    // What was made at that very moment is not before it.
    const then = startServer({ storage, grantsNotBefore: clock.seconds }, clock)
    const fresh = await issue(then)
    for (const token of [fresh.refresh_token, fresh.access_token])
      expect(await ask(then, token)).toMatchObject({ active: true })
    // Asking has ended nothing.
    expect(await ask(before, tokens.refresh_token)).toMatchObject({ active: true })
  })

  test('the spent one of a turn whose answer may be asked for again', async () => {
    const at = startServer({ refreshToken: { reuseGrace: 60 } })
    const first = await issue(at)
    const second = tokensOf(await at.refresh(first.refresh_token))

    expect(await ask(at, first.refresh_token)).toEqual(inactive)
    expect(await ask(at, second.refresh_token)).toMatchObject({ active: true })
  })

  test('of a client that may refresh no more', async () => {
    let grant_types = ['authorization_code', 'refresh_token']
    const at = startServer({ clients: () => ({ ...clientA, grant_types }) })
    const { refresh_token } = await issue(at)
    grant_types = ['authorization_code']

    expect(await ask(at, refresh_token)).toEqual(inactive)
  })

  test('of a client that is gone', async () => {
    let there = true
    const at = startServer({ clients: (id) => (id === 'app-a' ? (there ? clientA : null) : resourceServer) })
    const { access_token } = await issue(at)
    there = false

    expect(await ask(at, access_token)).toEqual(inactive)
  })

  test("not the asking client's own (I5)", async () => {
    const at = startServer()
    const ofA = await issue(at)
    const ofC = await issue(at, { clientId: clientC.client_id })

    for (const token of [ofA.access_token, ofA.refresh_token]) {
      expect((await at.introspectAs({ token, ...asC })).body).toEqual(inactive)
    }
    for (const token of [ofC.access_token, ofC.refresh_token]) {
      expect((await at.introspectAs({ token, ...asC })).body).toMatchObject({ active: true })
    }
    // A resource server sees every access token, and refresh tokens of its own only.
    expect((await at.introspectAs({ token: ofA.refresh_token, ...asServer })).body).toEqual(inactive)
    expect((await at.introspectAs({ token: ofA.access_token, ...asServer })).body).toMatchObject({
      active: true,
    })
  })
})

test('no cache keeps what introspection says, of an active, an inactive and a refused one (RFC 7662 §4)', async () => {
  const at = startServer()
  const { access_token } = await issue(at)

  const answers = [
    await at.introspect(access_token),
    await at.introspect('x'),
    await at.introspectAs({ token: access_token }),
  ]

  for (const { headers } of answers)
    expect(headers).toMatchObject({ 'cache-control': 'no-store', 'content-type': 'application/json' })
})
