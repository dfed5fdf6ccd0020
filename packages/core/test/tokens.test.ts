import { tampered } from './setup/tampered.js'
import { clientA, clientC, confidentialSecret, issuer, startServer } from './setup/test-server.js'
import { expectDead, idOfGrant, issue, tokensOf } from './setup/tokens.js'

const invalidToken = { name: 'OAuthError', code: 'invalid_token', status: 401 }

describe('tokens.refresh', () => {
  test('answers the token response, for a confidential client without its secret: the app speaks for it', async () => {
    const at = startServer()
    const first = await issue(at, { clientId: clientC.client_id })

    const second = await at.server.tokens.refresh({
      refreshToken: first.refresh_token,
      clientId: clientC.client_id,
    })

    expect(second).toMatchObject({
      token_type: 'Bearer',
      scope: 'read write',
      refresh_token: expect.stringMatching(/^orr_/),
    })
    expect(second.refresh_token).not.toBe(first.refresh_token)
  })

  test('narrows the scope, by a string or a list', async () => {
    const at = startServer()
    const clientId = clientA.client_id
    const one = await at.server.tokens.refresh({
      refreshToken: (await issue(at)).refresh_token,
      clientId,
      scope: ['read'],
    })
    const two = await at.server.tokens.refresh({
      refreshToken: one.refresh_token ?? '',
      clientId,
      scope: 'write',
    })
    const all = await at.server.tokens.refresh({ refreshToken: two.refresh_token ?? '', clientId })

    expect([one.scope, two.scope, all.scope]).toEqual(['read', 'write', 'read write'])
  })

  test.each([[[]], [''], [' '], [['']], [null], [5], [[undefined]]])(
    'a scope that is there and names none (%j) is invalid_scope and consumes nothing: it must not mean all',
    async (scope) => {
      const at = startServer()
      const { refresh_token } = await issue(at)
      const options = { refreshToken: refresh_token, clientId: clientA.client_id }

      await expect(at.server.tokens.refresh({ ...options, scope: scope as never })).rejects.toMatchObject({
        code: 'invalid_scope',
        status: 400,
      })
      await expect(issue(at, { scope: scope as never })).rejects.toMatchObject({ code: 'invalid_scope' })

      await expect(at.server.tokens.refresh(options)).resolves.toMatchObject({ scope: 'read write' })
    },
  )

  test('an idempotency key that is no string is refused before anything is consumed', async () => {
    const at = startServer()
    const options = { refreshToken: (await issue(at)).refresh_token, clientId: clientA.client_id }

    await expect(at.server.tokens.refresh({ ...options, idempotencyKey: 5 as never })).rejects.toMatchObject({
      code: 'invalid_request',
    })
    await expect(at.server.tokens.refresh(options)).resolves.toMatchObject({ token_type: 'Bearer' })
  })

  test('throws what the endpoint answers: OAuthErrors, with their status', async () => {
    const at = startServer({ clients: [clientA, { ...clientC, grant_types: ['client_credentials'] }] })
    const { refresh_token } = await issue(at)
    const refresh = (over: object) =>
      at.server.tokens.refresh({ refreshToken: refresh_token, clientId: clientA.client_id, ...over })

    await expect(refresh({ refreshToken: 'garbage' })).rejects.toMatchObject({
      code: 'invalid_grant',
      status: 400,
    })
    await expect(refresh({ scope: 'admin' })).rejects.toMatchObject({ code: 'invalid_scope', status: 400 })
    await expect(refresh({ clientId: 'nobody' })).rejects.toMatchObject({
      code: 'invalid_client',
      status: 401,
    })
    await expect(refresh({ clientId: clientC.client_id })).rejects.toMatchObject({
      code: 'unauthorized_client',
    })
    await expect(refresh({ idempotencyKey: 'k'.repeat(256) })).rejects.toMatchObject({
      code: 'invalid_request',
    })
    await expect(refresh({})).resolves.toMatchObject({ token_type: 'Bearer' })
  })

  test('takes part in the same law: a repeat by its key, reuse without', async () => {
    const at = startServer()
    const options = {
      refreshToken: (await issue(at)).refresh_token,
      clientId: clientA.client_id,
      idempotencyKey: 'k1',
    }
    const second = await at.server.tokens.refresh(options)

    expect((await at.server.tokens.refresh(options)).refresh_token).toBe(second.refresh_token)
    await expect(at.server.tokens.refresh({ ...options, idempotencyKey: 'k2' })).rejects.toMatchObject({
      code: 'invalid_grant',
    })
    expect(at.events('grant.reuse_detected')).toHaveLength(1)
  })

  test('a replay has no address in its event', async () => {
    const at = startServer()
    const options = { refreshToken: (await issue(at)).refresh_token, clientId: clientA.client_id }
    await at.server.tokens.refresh(options)
    await at.server.tokens.refresh(options).catch(() => undefined)

    expect(at.events('grant.reuse_detected')[0]).not.toHaveProperty('remoteAddress')
  })
})

describe.each(['opaque', 'jwt'] as const)('tokens.verify of %s tokens', (format) => {
  test('tells who an access token speaks for', async () => {
    const at = startServer({ accessToken: { format } })
    const { access_token } = await issue(at, {
      claims: { tier: 'gold' },
      authTime: 1_700_000_000,
      acr: 'mfa',
      amr: ['otp'],
    })
    const now = at.clock.now()

    expect(await at.server.tokens.verify(access_token)).toEqual({
      token: access_token,
      clientId: 'app-a',
      subject: 'u1',
      grantId: idOfGrant({ access_token }),
      scope: ['read', 'write'],
      claims: { tier: 'gold' },
      audience: [issuer],
      issuedAt: now,
      expiresAt: now + 900_000,
      authTime: 1_700_000_000,
      acr: 'mfa',
      amr: ['otp'],
    })
  })

  test('of client credentials has neither subject nor grant', async () => {
    const at = startServer({ accessToken: { format } })
    const form = {
      grant_type: 'client_credentials',
      client_id: clientC.client_id,
      client_secret: confidentialSecret,
    }
    const { access_token } = tokensOf(await at.token(form))

    for (const checkGrant of [true, false]) {
      const auth = await at.server.tokens.verify(access_token, { checkGrant })
      expect(auth).toMatchObject({ clientId: clientC.client_id, scope: ['read', 'write'], claims: {} })
      expect(auth).not.toHaveProperty('subject')
      expect(auth).not.toHaveProperty('grantId')
    }
  })

  test('refuses what is no good access token: a refresh token, garbage, nothing (B7)', async () => {
    const at = startServer({ accessToken: { format } })
    const { refresh_token, access_token } = await issue(at)

    for (const token of [
      refresh_token,
      '',
      'x',
      `${access_token}x`,
      tampered(access_token),
      'ora_',
      'a.b.c',
      'x'.repeat(100_000),
    ]) {
      await expect(at.server.tokens.verify(token)).rejects.toMatchObject(invalidToken)
    }
  })

  test('asks whom the token is for', async () => {
    const at = startServer({ accessToken: { format, audience: ['https://r1', 'https://r2'] } })
    const { access_token } = await issue(at)
    const verify = (audience?: string | string[]) =>
      at.server.tokens.verify(access_token, audience === undefined ? {} : { audience })

    await expect(verify()).resolves.toMatchObject({ audience: ['https://r1', 'https://r2'] })
    await expect(verify('https://r2')).resolves.toBeDefined()
    await expect(verify(['https://r3', 'https://r1'])).resolves.toBeDefined()
    for (const wrong of ['https://r3', 'https://r1/', issuer]) {
      await expect(verify(wrong)).rejects.toMatchObject(invalidToken)
    }
  })

  test('believes without asking the grant only a JWT', async () => {
    const at = startServer({ accessToken: { format } })
    const tokens = await issue(at)
    await at.server.tokens.revoke(tokens.refresh_token)

    const believed = at.server.tokens.verify(tokens.access_token, { checkGrant: false })

    await (format === 'jwt'
      ? expect(believed).resolves.toMatchObject({ subject: 'u1' })
      : expect(believed).rejects.toMatchObject(invalidToken))
    await expectDead(at, { access_token: tokens.access_token })
  })

  test('long scopes and audiences that are issued are also accepted', async () => {
    const scopes = Array.from(
      { length: 150 },
      (_, index) => `https://api.example.com/some/quite/long/scope.${index}`,
    )
    const at = startServer({
      accessToken: { format },
      scopes,
      clients: [{ ...clientA, scope: scopes.join(' ') }],
    })
    const { access_token } = await issue(at)

    await expect(at.server.tokens.verify(access_token)).resolves.toMatchObject({ scope: scopes })
  })
})

describe('what was promised of an access token holds', () => {
  test('claims of the app are asked for each look at an opaque token, and baked into a JWT', async () => {
    let tier = 'silver'
    const claims = () => ({ tier })
    const [opaque, jwt] = [
      startServer({ accessToken: { claims } }),
      startServer({ accessToken: { claims, format: 'jwt' } }),
    ]
    const [one, two] = [await issue(opaque), await issue(jwt)]
    tier = 'gold'

    await expect(opaque.server.tokens.verify(one.access_token)).resolves.toMatchObject({
      claims: { tier: 'gold' },
    })
    await expect(jwt.server.tokens.verify(two.access_token)).resolves.toMatchObject({
      claims: { tier: 'silver' },
    })
  })

  test('an opaque token names no user to who holds it', async () => {
    const at = startServer()
    const { access_token } = await issue(at, { subject: 'alice@example.com', claims: { name: 'Alice' } })

    expect(Buffer.from(access_token.slice(4), 'base64url').toString('latin1')).not.toMatch(/alice/i)
  })
})

describe('what an app hands in without looking', () => {
  const missing = [undefined, null, 5, {}, ['x']] as never[]

  test.each(missing)('verify(%p) is an invalid token', async (token) => {
    const at = startServer()
    await expect(at.server.tokens.verify(token)).rejects.toMatchObject(invalidToken)
    expect(at.raised).toEqual([])
  })

  test.each(missing)('revoke(%p) ends nothing', async (token) => {
    const at = startServer()
    await expect(at.server.tokens.revoke(token)).resolves.toBeUndefined()
    expect(at.raised).toEqual([])
  })

  test.each(missing)('refresh with %p is invalid_request', async (refreshToken) => {
    const at = startServer()
    await expect(
      at.server.tokens.refresh({ refreshToken, clientId: clientA.client_id }),
    ).rejects.toMatchObject({ code: 'invalid_request' })
    expect(at.raised).toEqual([])
  })
})

test('tokens.refresh says whose request it was, for the evidence of a reuse', async () => {
  const at = startServer()
  const { refresh_token } = await issue(at)
  const clientId = clientA.client_id
  const use = { refreshToken: refresh_token, clientId, remoteAddress: '192.0.2.7' }
  await at.server.tokens.refresh(use)

  await expect(at.server.tokens.refresh(use)).rejects.toMatchObject({ code: 'invalid_grant' })

  expect(at.events('grant.reuse_detected')).toMatchObject([{ remoteAddress: '192.0.2.7' }])
})

describe('tokens.introspect', () => {
  test('tells of access and refresh tokens of any client, and presents nothing (RFC 7662 §2.2)', async () => {
    const at = startServer()
    const first = await issue(at)
    const second = await at.server.tokens.refresh({
      refreshToken: first.refresh_token,
      clientId: clientA.client_id,
    })

    const spent = await at.server.tokens.introspect(first.refresh_token)
    const current = await at.server.tokens.introspect(second.refresh_token ?? '')
    const access = await at.server.tokens.introspect(second.access_token)

    expect(spent).toEqual({ active: false })
    expect(current).toMatchObject({ active: true, client_id: clientA.client_id, sub: 'u1' })
    expect(access).toMatchObject({ active: true, client_id: clientA.client_id, token_type: 'Bearer' })
    // Asking with the spent one was no reuse.
    await at.server.tokens.refresh({
      refreshToken: second.refresh_token ?? '',
      clientId: clientA.client_id,
    })
  })

  test.each([['rubbish'], ['orr_rubbish'], [''], [undefined]])('%j is inactive', async (token) => {
    const at = startServer()
    await expect(at.server.tokens.introspect(token as never)).resolves.toEqual({ active: false })
  })
})
