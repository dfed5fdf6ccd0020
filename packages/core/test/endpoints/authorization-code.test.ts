import { s256 } from '../../src/ratchet/code-proof.js'
import { authorizationQuery, codeOf, redemption, verifier } from '../setup/authorization.js'
import { tampered } from '../setup/tampered.js'
import { basic, clientA, clientC, confidentialSecret, startServer } from '../setup/test-server.js'
import { expectAlive, expectDead, idOfGrant, issue, tokensOf } from '../setup/tokens.js'

const invalidGrant = { status: 400, body: { error: 'invalid_grant' } }
const invalidRequest = { status: 400, body: { error: 'invalid_request' } }
const asC = { headers: basic(clientC.client_id, confidentialSecret) }

/** A code of client C without PKCE, which `requirePkce: 'public'` allows. */
const withoutPkce = {
  client_id: clientC.client_id,
  code_challenge: undefined,
  code_challenge_method: undefined,
}

describe('the redemption of a code', () => {
  test('gives first tokens for what was consented to', async () => {
    const at = startServer()
    const code = await codeOf(at, authorizationQuery({ scope: 'read write' }), { subject: 'u1' }, ['read'])

    const answer = await at.token(redemption(code))

    // G6: the scope is told, for it differs from what was asked for.
    expect(answer).toMatchObject({
      status: 200,
      headers: { 'cache-control': 'no-store', pragma: 'no-cache' },
      body: {
        scope: 'read',
        token_type: 'Bearer',
        expires_in: 900,
        refresh_token: expect.stringMatching(/^orr_/),
      },
    })
    expect((await at.introspect(tokensOf(answer).access_token)).body).toMatchObject({
      sub: 'u1',
      scope: 'read',
    })
    expect(at.events('grant.issued')).toMatchObject([{ subject: 'u1', generation: 1 }])
  })

  test('of a client without the refresh_token grant gives no refresh token (R23)', async () => {
    const at = startServer({ clients: [{ ...clientA, grant_types: ['authorization_code'] }] })

    expect((await at.token(redemption(await codeOf(at)))).body).not.toHaveProperty('refresh_token')
  })

  test('counts the absolute limit from consent, not from the redemption', async () => {
    const at = startServer({ refreshToken: { absoluteLifetime: 1000 } })
    const code = await codeOf(at)
    at.clock.advance(40)

    expect(tokensOf(await at.token(redemption(code))).authorization_expires_in).toBe(960)
  })

  test('may leave the redirect URI out where PKCE was used (G2)', async () => {
    const at = startServer()

    expect(await at.token(redemption(await codeOf(at), { redirect_uri: '' }))).toMatchObject({ status: 200 })
  })
})

describe('a code that is not good', () => {
  test('missing is invalid_request; garbage, a refresh token or a tampered code is invalid_grant', async () => {
    const at = startServer()
    const { refresh_token } = await issue(at)
    const code = await codeOf(at)

    expect(await at.token(redemption(''))).toMatchObject(invalidRequest)
    for (const wrong of ['garbage', refresh_token, `orc_${refresh_token.slice(4)}`, tampered(code)]) {
      expect(await at.token(redemption(wrong))).toMatchObject(invalidGrant)
    }
    expect(await at.token(redemption(code))).toMatchObject({ status: 200 })
  })

  test('expired is invalid_grant (A19, G7)', async () => {
    const at = startServer({ authorizationCode: { lifetime: 30 } })
    const [code, late] = [await codeOf(at), await codeOf(at)]
    at.clock.advance(29.999)
    expect(await at.token(redemption(code))).toMatchObject({ status: 200 })
    at.clock.advance(0.001)

    expect(await at.token(redemption(late))).toMatchObject(invalidGrant)
  })

  test.each([
    ['another client', { client_id: 'app-b' }],
    ['a wrong redirect URI', { redirect_uri: 'https://a.example/cb/' }],
    ['a wrong verifier', { code_verifier: 'x'.repeat(43) }],
    ['the verifier in other case', { code_verifier: verifier.toUpperCase() }],
    ['no verifier', { code_verifier: '' }, 'invalid_request'],
  ])(
    '%s is refused and consumes nothing (G1, G2, K2)',
    async (_, wrong: Record<string, string>, error = 'invalid_grant') => {
      const at = startServer()
      const code = await codeOf(at)

      expect(await at.token(redemption(code, wrong))).toMatchObject({ status: 400, body: { error } })

      expect(await at.token(redemption(code))).toMatchObject({ status: 200 })
    },
  )

  test.each([
    ['too short', 'x'.repeat(42)],
    ['too long', 'x'.repeat(129)],
    ['with a character that is reserved', `${'x'.repeat(42)}+`],
    ['with a line break at its end', `${'x'.repeat(43)}\n`],
  ])('a verifier %s is invalid_request and consumes nothing (K5)', async (_, code_verifier) => {
    const at = startServer()
    const code = await codeOf(at)

    expect(await at.token(redemption(code, { code_verifier }))).toMatchObject(invalidRequest)

    expect(await at.token(redemption(code))).toMatchObject({ status: 200 })
  })

  test('a verifier of 128 characters is fine (K5)', async () => {
    const at = startServer()
    const longest = 'aZ09-._~'.repeat(16)
    const code = await codeOf(at, authorizationQuery({ code_challenge: s256(longest) }))

    expect(await at.token(redemption(code, { code_verifier: longest }))).toMatchObject({ status: 200 })
  })
})

const redemptionByC = (code: string, uri: string) =>
  redemption(code, { client_id: clientC.client_id, code_verifier: '', redirect_uri: uri })

describe('without PKCE, where the server lets confidential clients do without', () => {
  const options = { authorizationCode: { requirePkce: 'public' } } as const
  const redirect_uri = 'https://c.example/cb'

  test('a verifier for a code without challenge is refused: the downgrade (K4)', async () => {
    const at = startServer(options)
    const code = await codeOf(at, authorizationQuery({ ...withoutPkce, redirect_uri }))
    const form = redemption(code, { client_id: clientC.client_id, redirect_uri })

    expect(await at.token(form, asC)).toMatchObject(invalidGrant)

    expect(await at.token({ ...form, code_verifier: '' }, asC)).toMatchObject({ status: 200 })
  })

  test('the redirect URI is needed again if the request had it (G2, RFC 6749 §4.1.3)', async () => {
    const at = startServer(options)
    const named = await codeOf(at, authorizationQuery({ ...withoutPkce, redirect_uri }))
    const unnamed = await codeOf(at, authorizationQuery({ ...withoutPkce, redirect_uri: undefined }))
    expect(await at.token(redemptionByC(named, ''), asC)).toMatchObject(invalidGrant)
    expect(await at.token(redemptionByC(named, redirect_uri), asC)).toMatchObject({ status: 200 })
    expect(await at.token(redemptionByC(unnamed, 'https://elsewhere.example/'), asC)).toMatchObject(
      invalidGrant,
    )
    expect(await at.token(redemptionByC(unnamed, ''), asC)).toMatchObject({ status: 200 })
  })

  test('a public client that leaves its verifier out is told so: no code of its own goes without', async () => {
    const at = startServer(options)
    const code = await codeOf(at)

    expect(await at.token(redemption(code, { code_verifier: '' }))).toMatchObject(invalidRequest)

    expect(await at.token(redemption(code))).toMatchObject({ status: 200 })
  })

  test('a confidential client that fails to authenticate consumes nothing (C8)', async () => {
    const at = startServer(options)
    const code = await codeOf(at, authorizationQuery({ ...withoutPkce, redirect_uri }))
    const form = redemption(code, { client_id: clientC.client_id, code_verifier: '', redirect_uri })

    expect((await at.token(form)).body).toMatchObject({ error: 'invalid_client' })
    expect(await at.token(form, { headers: basic(clientC.client_id, 'wrong') })).toMatchObject({
      status: 401,
    })

    expect(await at.token(form, asC)).toMatchObject({ status: 200 })
  })
})

test('a confidential client that leaves its verifier out is told so, where every code needs one', async () => {
  const at = startServer()
  const redirect_uri = 'https://c.example/cb'
  const code = await codeOf(at, authorizationQuery({ client_id: clientC.client_id, redirect_uri }))

  expect(await at.token(redemptionByC(code, redirect_uri), asC)).toMatchObject(invalidRequest)
})

describe('a code that comes a second time', () => {
  test('with all its proofs is refused and ends everything that came from it (G3)', async () => {
    const at = startServer()
    const code = await codeOf(at)
    const first = tokensOf(await at.token(redemption(code)))
    const second = tokensOf(await at.refresh(first.refresh_token))

    expect(await at.token(redemption(code))).toMatchObject(invalidGrant)

    await expectDead(at, first)
    await expectDead(at, second)
    expect(at.events('grant.reuse_detected')).toMatchObject([
      { reason: 'code_replay', presentedGeneration: 0, currentGeneration: 2, grantId: idOfGrant(first) },
    ])
    expect(at.events('grant.revoked')).toMatchObject([{ reason: 'code_replay' }])
  })

  test('long after the code itself would have expired ends the grant too', async () => {
    const at = startServer()
    const code = await codeOf(at)
    const first = tokensOf(await at.token(redemption(code)))
    at.clock.advance(86_400)

    expect(await at.token(redemption(code))).toMatchObject(invalidGrant)
    await expectDead(at, { refresh_token: first.refresh_token })
  })

  test.each([
    ['a wrong verifier', { code_verifier: 'x'.repeat(43) }],
    ['no verifier', { code_verifier: '' }, 'invalid_request'],
    ['a wrong redirect URI', { redirect_uri: 'https://evil.example/' }],
    ['another client', { client_id: 'app-b' }],
  ])(
    'with %s is refused and ends nothing (G4)',
    async (_, wrong: Record<string, string>, error = 'invalid_grant') => {
      const at = startServer()
      const code = await codeOf(at)
      const tokens = tokensOf(await at.token(redemption(code)))

      expect(await at.token(redemption(code, wrong))).toMatchObject({ status: 400, body: { error } })

      await expectAlive(at, tokens)
      expect(at.events('grant.reuse_detected')).toEqual([])
    },
  )

  test('is never a repeat: neither grace nor idempotency key help', async () => {
    const at = startServer({ refreshToken: { reuseGrace: 60 } })
    const code = await codeOf(at)
    const sent = { headers: { 'idempotency-key': 'k1' } }
    const tokens = tokensOf(await at.token(redemption(code), sent))

    expect(await at.token(redemption(code), sent)).toMatchObject(invalidGrant)
    await expectDead(at, tokens)
  })
})

describe('a code and the rest of its grant', () => {
  test('an unredeemed one is ended by a sign-out everywhere', async () => {
    const at = startServer()
    const code = await codeOf(at)

    expect(await at.server.grants.revokeAll({ subject: 'u1' })).toBe(1)

    expect(await at.token(redemption(code))).toMatchObject(invalidGrant)
  })

  test('a subject that became inactive since consent gets no tokens', async () => {
    let active = true
    const at = startServer({ isSubjectActive: () => active })
    const code = await codeOf(at)
    active = false

    expect(await at.token(redemption(code))).toMatchObject(invalidGrant)
    active = true
    expect(await at.token(redemption(code))).toMatchObject(invalidGrant)
  })

  test('one from before the grants_not_before of its client, or of the server, gets no tokens', async () => {
    const before = startServer()
    const [byClient, byServer] = [await codeOf(before), await codeOf(before)]
    before.clock.advance(10)
    const cut = before.clock.seconds - 5
    const { storage, clock } = before
    const client = startServer({ storage, clients: [{ ...clientA, grants_not_before: cut }] }, clock)
    const server = startServer({ storage, grantsNotBefore: cut }, clock)

    expect(await client.token(redemption(byClient))).toMatchObject(invalidGrant)
    expect(await server.token(redemption(byServer))).toMatchObject(invalidGrant)
    for (const at of [client, server]) expect(at.events('grant.issued')).toEqual([])
    expect(await client.token(redemption(await codeOf(client)))).toMatchObject({ status: 200 })
  })

  test('a code is no access token and no refresh token, at any endpoint', async () => {
    const at = startServer()
    const code = await codeOf(at)

    expect((await at.introspect(code)).body).toEqual({ active: false })
    expect(await at.revoke({ token: code, client_id: 'app-a' })).toMatchObject({ status: 200 })
    await expect(at.server.tokens.verify(code)).rejects.toMatchObject({ code: 'invalid_token' })
    expect(await at.token(redemption(code))).toMatchObject({ status: 200 })
  })
})
