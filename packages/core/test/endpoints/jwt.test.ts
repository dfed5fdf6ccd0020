import { decodeJwt, decodeProtectedHeader, SignJWT } from 'jose'
import * as oauth from 'oauth4webapi'
import { MemoryStorage } from '@oauth-ratchet/core'
import { jwksOf, privateJwk, verified } from '../setup/jwt.js'
import { tampered } from '../setup/tampered.js'
import { clientC, confidentialSecret, issuer, startServer } from '../setup/test-server.js'
import type { TestServer } from '../setup/test-server.js'
import { expectDead, issue, tokensOf } from '../setup/tokens.js'

const jwt = { accessToken: { format: 'jwt' } } as const

describe('a JWT access token', () => {
  test('has the header of RFC 9068, and a kid that the JWKS has (T1)', async () => {
    const at = startServer(jwt)
    const { access_token } = await issue(at)

    const header = decodeProtectedHeader(access_token)

    expect(header).toEqual({ typ: 'at+jwt', alg: 'ES256', kid: expect.any(String) as string })
    expect((await jwksOf(at)).keys.map((key) => key.kid)).toContain(header.kid)
  })

  test('has the same claims at the sign-in as after each refresh, where they write themselves as JSON', async () => {
    const at = startServer(jwt)
    // As the documents of many a database driver do, whose members are not what they show.
    class Account {
      readonly password = 'a hash'
      toJSON() {
        return { tier: 'gold' }
      }
    }
    const first = await issue(at, { claims: new Account() as never })
    const second = tokensOf(await at.refresh(first.refresh_token))

    for (const { access_token } of [first, second]) {
      expect(decodeJwt(access_token)).toMatchObject({ tier: 'gold' })
      expect(decodeJwt(access_token)).not.toHaveProperty('password')
    }
  })

  test('has no claim of the server’s own from a sign-in, however that writes it', async () => {
    const claims = { toJSON: () => ({ sub: 'somebody else' }) }
    await expect(issue(startServer(jwt), { claims })).rejects.toThrow('The claim sub is the server')
  })

  test('has the claims of RFC 9068 and the app’s own, and verifies with jose (T2, T3)', async () => {
    const at = startServer({
      accessToken: { format: 'jwt', claims: (grant) => ({ tier: 'gold', for: grant.subject }) },
    })
    const { access_token } = await issue(at, {
      claims: { org: 'o1' },
      authTime: 1_700_000_000,
      acr: 'mfa',
      amr: ['otp'],
    })
    const now = at.clock.seconds

    const { payload } = await verified(at, access_token)

    expect(payload).toEqual({
      iss: issuer,
      sub: 'u1',
      aud: issuer,
      client_id: 'app-a',
      iat: now,
      exp: now + 900,
      jti: expect.any(String) as string,
      scope: 'read write',
      auth_time: 1_700_000_000,
      acr: 'mfa',
      amr: ['otp'],
      tier: 'gold',
      for: 'u1',
      org: 'o1',
    })
  })

  test('of client credentials has the client as its subject (T3)', async () => {
    const at = startServer(jwt)
    const form = {
      grant_type: 'client_credentials',
      client_id: clientC.client_id,
      client_secret: confidentialSecret,
    }

    const { payload } = await verified(at, tokensOf(await at.token(form)).access_token)

    expect(payload).toMatchObject({ sub: clientC.client_id, client_id: clientC.client_id, aud: issuer })
  })

  test('passes validateJwtAccessToken of oauth4webapi, through metadata and JWKS (T2)', async () => {
    const at = startServer({ ...jwt, now: Date.now })
    const { access_token } = await issue(at)
    const metadata = JSON.parse(at.server.endpoints.metadata().body) as oauth.AuthorizationServer
    const fetched: string[] = []

    const claims = await oauth.validateJwtAccessToken(
      metadata,
      new Request('https://api.example.com/notes', { headers: { authorization: `Bearer ${access_token}` } }),
      issuer,
      {
        [oauth.customFetch]: async (url: string) => {
          fetched.push(url)
          const { body, headers } = at.server.endpoints.jwks()
          return new Response(body, { headers })
        },
      },
    )

    expect(claims).toMatchObject({ sub: 'u1', client_id: 'app-a', scope: 'read write' })
    expect(fetched).toEqual(['https://auth.example.com/oauth/jwks'])
  })

  test('describes the original sign-in after a refresh too (T4)', async () => {
    const at = startServer(jwt)
    const first = await issue(at, { authTime: 1_700_000_000, acr: 'mfa' })
    at.clock.advance(3600)

    const second = tokensOf(await at.refresh(first.refresh_token))

    expect(decodeJwt(second.access_token)).toMatchObject({
      auth_time: 1_700_000_000,
      acr: 'mfa',
      iat: at.clock.seconds,
    })
    expect(decodeJwt(second.access_token).jti).not.toBe(decodeJwt(first.access_token).jti)
  })

  test('dies with its grant where the grant is asked (T6)', async () => {
    const at = startServer(jwt)
    const first = await issue(at)
    await at.server.tokens.revoke(first.refresh_token)

    await expectDead(at, { access_token: first.access_token })
    await expect(at.server.tokens.verify(first.access_token, { checkGrant: false })).resolves.toBeDefined()
    at.clock.advance(900)
    await expect(at.server.tokens.verify(first.access_token, { checkGrant: false })).rejects.toMatchObject({
      code: 'invalid_token',
    })
  })

  test('does not end opaque ones at a change to it, and is known before the change where its key is published', async () => {
    const storage = new MemoryStorage()
    const accessToken = { publishDerivedKeysUntil: new Date('2030-01-01') }
    const [before, after] = [startServer({ storage, accessToken }), startServer({ storage, ...jwt })]
    const [opaque, signed] = [await issue(before), await issue(after)]

    await expect(after.server.tokens.verify(opaque.access_token)).resolves.toMatchObject({ subject: 'u1' })
    await expect(before.server.tokens.verify(signed.access_token)).resolves.toMatchObject({ subject: 'u1' })
  })

  test('that somebody else made is refused: alg none, another key, another type, issuer or HMAC of the public key', async () => {
    const key = await privateJwk('ES256', 'k1')
    const at = startServer({ accessToken: { format: 'jwt', signingKeys: [key] } })
    const { access_token } = await issue(at)
    const claims = decodeJwt(access_token)
    const own = (typ: string, over: object = {}) =>
      new SignJWT({ ...claims, ...over }).setProtectedHeader({ alg: 'ES256', kid: 'k1', typ }).sign(key)
    const stranger = await privateJwk('ES256', 'k1')
    const [header, payload, signature] = access_token.split('.')
    const none = Buffer.from(JSON.stringify({ alg: 'none', typ: 'at+jwt', kid: 'k1' })).toString('base64url')
    const [published] = (await jwksOf(at)).keys

    const forged = [
      await new SignJWT(claims).setProtectedHeader({ alg: 'ES256', kid: 'k1', typ: 'at+jwt' }).sign(stranger),
      await own('JWT'),
      await own('at+jwt', { iss: 'https://evil.example' }),
      await own('at+jwt', { exp: undefined }),
      await own('at+jwt', { sub: undefined }),
      await new SignJWT(claims)
        .setProtectedHeader({ alg: 'HS256', kid: 'k1', typ: 'at+jwt' })
        .sign(Buffer.from(JSON.stringify(published).padEnd(32))),
      `${none}.${payload}.`,
      `${none}.${payload}.${signature}`,
      `${header}.${payload}.`,
      `${header}.${payload}.${tampered(signature ?? '')}`,
    ]

    expect(await at.server.tokens.verify(await own('at+jwt'))).toMatchObject({ subject: 'u1' })
    for (const token of forged) {
      expect((await at.introspect(token)).body).toEqual({ active: false })
      await expect(at.server.tokens.verify(token, { checkGrant: false })).rejects.toMatchObject({
        code: 'invalid_token',
      })
    }
  })

  test('that was verified before is still refused once damaged, expired or without its key', async () => {
    const at = startServer(jwt)
    const { access_token } = await issue(at)
    const until = at.clock.seconds + 600
    const storage = at.storage
    const later = startServer({ storage, accessToken: { publishDerivedKeysUntil: until } }, at.clock)
    const [header, payload = '', signature] = access_token.split('.')
    const claims = JSON.parse(Buffer.from(payload, 'base64url').toString()) as object
    const richer = Buffer.from(JSON.stringify({ ...claims, scope: 'read write admin' })).toString('base64url')
    const verifiedTwice = [await believes(at, access_token), await believes(at, access_token)]
    const whileItsKeyIsPublished = await believes(later, access_token)

    expect(verifiedTwice).toEqual([true, true])
    expect(whileItsKeyIsPublished).toBe(true)
    expect(await believes(at, `${header}.${richer}.${signature}`)).toBe(false)
    expect(await believes(at, `${header}.${payload}.${tampered(signature ?? '')}`)).toBe(false)
    at.clock.advance(600)
    expect([await believes(at, access_token), await believes(later, access_token)]).toEqual([true, false])
    at.clock.advance(300)
    expect(await believes(at, access_token)).toBe(false)
  })

  test('that was verified before says the same again, whatever the app did to the answer', async () => {
    const at = startServer({ accessToken: { format: 'jwt', claims: () => ({ tenant: { id: 't1' } }) } })
    const { access_token } = await issue(at)
    const first = await at.server.tokens.verify(access_token)
    const expected = structuredClone(first)

    Object.assign(first.claims['tenant'] as object, { id: 't2' })
    ;(first.scope as string[]).push('admin')
    ;(first.audience as string[]).push('https://elsewhere.example')

    expect(await at.server.tokens.verify(access_token)).toEqual(expected)
  })

  test('signed with another algorithm than its key’s is refused, by whomever', async () => {
    const key = await privateJwk('RS256', 'k1')
    const at = startServer({ accessToken: { format: 'jwt', signingKeys: [key] } })
    const { access_token } = await issue(at)
    const { alg: _, ...rsa } = key
    const signed = (alg: string) =>
      new SignJWT(decodeJwt(access_token)).setProtectedHeader({ alg, kid: 'k1', typ: 'at+jwt' }).sign(rsa)

    await expect(at.server.tokens.verify(await signed('RS256'))).resolves.toMatchObject({ subject: 'u1' })
    for (const alg of ['RS512', 'PS256']) {
      await expect(at.server.tokens.verify(await signed(alg))).rejects.toMatchObject({
        code: 'invalid_token',
      })
    }
  })
})

function believes(at: TestServer, token: string): Promise<boolean> {
  return at.server.tokens.verify(token, { checkGrant: false }).then(
    () => true,
    () => false,
  )
}
