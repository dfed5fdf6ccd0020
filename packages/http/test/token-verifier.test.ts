import type { AuthorizationServer, AuthorizationServerOptions } from '@oauth-ratchet/core'
import { createTokenVerifier, getAuth, oauthHandler, requireToken } from '@oauth-ratchet/http'
import type { TokenVerifierOptions } from '@oauth-ratchet/http'
import { generateKeyPairSync } from 'node:crypto'
import type { IncomingMessage, RequestListener } from 'node:http'
import { clientCredentials, introspection, makeServer, startsAt } from './setup/authorization-server.js'
import { answerOf, postForm } from './setup/http-client.js'
import { closeAll, listening } from './setup/listening.js'

afterEach(closeAll)

/** An authorization server that really listens, with a clock that both sides have, and a count of requests by path. */
async function start(options: Partial<AuthorizationServerOptions> = {}) {
  const at = {
    ms: startsAt,
    requests: {} as Record<string, number>,
    answer: undefined as RequestListener | undefined,
    handler: undefined as RequestListener | undefined,
    failures: [] as unknown[],
  }
  const issuer = await listening((req, res) => {
    const path = (req.url ?? '').replace(/^\/(?:oauth|\.well-known)\//, '')
    at.requests[path] = (at.requests[path] ?? 0) + 1
    return (at.answer ?? at.handler)?.(req, res)
  })
  const use = (more: Partial<AuthorizationServerOptions>): AuthorizationServer => {
    const server = makeServer({ issuer, now: () => at.ms, ...options, ...more })
    at.handler = oauthHandler(server)
    return server
  }
  const server = use({})
  const verifier = (more: Partial<TokenVerifierOptions> = {}) =>
    createTokenVerifier({
      issuer,
      introspection,
      now: () => at.ms,
      onFailure: (error) => at.failures.push(error),
      ...more,
    })
  const issue = async (to = server): Promise<string> =>
    (await to.grants.issue({ clientId: 'spa', subject: 'alice', authTime: startsAt / 1000, amr: ['pwd'] }))
      .access_token
  return { at, issuer, server, use, verifier, issue }
}

const invalid = { code: 'invalid_token', status: 401 }
const unavailable = { code: 'temporarily_unavailable', status: 503, retryAfter: 1 }
const down: RequestListener = (req) => req.socket.destroy()

describe.each(['opaque', 'jwt'] as const)('%s access tokens in another process', (format) => {
  test('a good token gives the same auth as beside the server', async () => {
    const { server, verifier, issue } = await start({ accessToken: { format, claims: goldClaims } })
    const token = await issue()
    const auth = await verifier().verify(token)
    expect(auth).toEqual(await server.tokens.verify(token))
    expect(auth).toMatchObject({ subject: 'alice', claims: { plan: 'gold' }, amr: ['pwd'] })
  })

  test('a token of client credentials speaks for no user', async () => {
    const { server, issuer, verifier } = await start({ accessToken: { format } })
    const { body } = await postForm(`${issuer}/oauth/token`, clientCredentials)
    const auth = await verifier().verify(String(body['access_token']))
    expect(auth).toEqual(await server.tokens.verify(String(body['access_token'])))
    expect(auth).not.toHaveProperty('subject')
  })

  test('what a handler changes in the Auth of its request is not in that of another one', async () => {
    const { server, verifier } = await start({ accessToken: { format } })
    const claims = { roles: ['reader'], team: { name: 'a' } }
    const { access_token } = await server.grants.issue({ clientId: 'spa', subject: 'alice', claims })
    for (const its of [verifier(), server.tokens]) {
      const concurrent = await Promise.all([its.verify(access_token), its.verify(access_token)])
      for (const { claims: own } of concurrent) {
        expect(own).toEqual(claims)
        // As a middleware does that works out the roles of this one request.
        ;(own['roles'] as string[]).push('admin')
        Object.assign(own['team'] as object, { name: 'b' })
      }
      expect((await its.verify(access_token)).claims).toEqual(claims)
    }
  })

  test('one for another audience, an expired one and a refresh token are refused', async () => {
    const { at, server, verifier, issue } = await start({ accessToken: { format } })
    const token = await issue()
    const { refresh_token } = await server.grants.issue({ clientId: 'spa', subject: 'alice' })
    const its = verifier()
    await expect(its.verify(token, { audience: 'https://other.example' })).rejects.toMatchObject(invalid)
    await expect(verifier({ audience: 'https://other.example' }).verify(token)).rejects.toMatchObject(invalid)
    await expect(its.verify(refresh_token ?? '')).rejects.toMatchObject(invalid)
    at.ms += 911_000
    await expect(its.verify(token)).rejects.toMatchObject(invalid)
    expect(at.failures).toEqual([])
  })

  test('one for another audience is warned of, once: the options of the two may not fit', async () => {
    const warned = jest.spyOn(process, 'emitWarning').mockReturnValue()
    const { issuer, verifier, issue } = await start({ accessToken: { format } })
    const its = verifier({ audience: 'https://api.example' })
    for (const token of [await issue(), 'garbage', await issue()])
      await expect(its.verify(token)).rejects.toMatchObject(invalid)
    const found = warned.mock.calls.filter(
      ([, options]) => (options as { code?: string }).code === 'OAUTH_RATCHET_OTHER_AUDIENCE',
    )
    expect(found).toHaveLength(1)
    expect(found[0]?.[0]).toContain(`is for ${issuer}, and this API takes those for https://api.example`)
    warned.mockRestore()
  })

  test('while the server is down from the start it is a 503 and never a 401, and goes on when it is back', async () => {
    const { at, verifier, issue } = await start({ accessToken: { format } })
    const token = await issue()
    const its = verifier()
    at.answer = down
    await expect(its.verify(token)).rejects.toMatchObject(unavailable)
    at.answer = (_req, res) => res.writeHead(500).end()
    at.ms += 1000
    await expect(its.ready()).rejects.toMatchObject(unavailable)
    at.answer = undefined
    at.ms += 1000
    expect(await its.verify(token)).toMatchObject({ subject: 'alice' })
  })

  test('a server that does not answer in time is a 503', async () => {
    const { at, verifier, issue } = await start({ accessToken: { format } })
    const token = await issue()
    at.answer = () => undefined
    await expect(verifier({ timeout: 0.1 }).verify(token)).rejects.toMatchObject(unavailable)
    expect(at.failures).toHaveLength(1)
  })

  test('twenty concurrent first requests with one token are one call of each endpoint', async () => {
    const { at, verifier, issue } = await start({ accessToken: { format } })
    const token = await issue()
    const its = verifier()
    await Promise.all(Array.from({ length: 20 }, () => its.verify(token)))
    expect(at.requests).toEqual({
      'oauth-authorization-server': 1,
      [format === 'jwt' ? 'jwks' : 'introspect']: 1,
    })
  })
})

describe('JWTs', () => {
  const accessToken = { format: 'jwt' } as const

  test('known keys are used while the server is down, for a day', async () => {
    const { at, verifier, issue } = await start({ accessToken: { format: 'jwt', lifetime: 86_400 } })
    const token = await issue()
    const its = verifier({ clockTolerance: 300 })
    await its.ready()
    at.answer = down
    at.ms += 86_399_000
    expect(await its.verify(token)).toMatchObject({ subject: 'alice' })
    at.ms += 11_000
    await expect(its.verify(token)).rejects.toMatchObject(unavailable)
  })

  test('a key that is new is found at once; one that is nowhere is looked for once in ten seconds', async () => {
    const { at, use, verifier, issue } = await start({ accessToken })
    const its = verifier()
    await its.verify(await issue())
    const rotated = use({ accessToken: { format: 'jwt', signingKeys: [privateJwk()] } })
    expect(await its.verify(await issue(rotated))).toMatchObject({ subject: 'alice' })
    expect(at.requests['jwks']).toBe(2)
    const forged = makeServer({
      issuer: its.issuer,
      now: () => at.ms,
      accessToken: { format: 'jwt', signingKeys: [privateJwk()] },
    })
    const tokens = await Promise.all(Array.from({ length: 20 }, () => issue(forged)))
    for (const token of tokens) await expect(its.verify(token)).rejects.toMatchObject(invalid)
    expect(at.requests['jwks']).toBe(2)
    at.ms += 10_000
    for (const token of tokens) await expect(its.verify(token)).rejects.toMatchObject(invalid)
    expect(at.requests['jwks']).toBe(3)
  })

  test('a key that is not known while the server is down is a 503: it may be a new one', async () => {
    const { at, use, verifier, issue } = await start({ accessToken })
    const its = verifier()
    await its.ready()
    const token = await issue(use({ accessToken: { format: 'jwt', signingKeys: [privateJwk()] } }))
    at.answer = down
    await expect(its.verify(token)).rejects.toMatchObject(unavailable)
    await expect(its.verify(token)).rejects.toMatchObject(unavailable)
    expect(at.requests['jwks']).toBe(2)
  })

  test('a withdrawn key ends its tokens within ten minutes', async () => {
    const { at, use, verifier, issue } = await start({ accessToken })
    const its = verifier()
    const token = await issue()
    await its.verify(token)
    use({ accessToken: { format: 'jwt', signingKeys: [privateJwk()] } })
    at.ms += 600_000
    await expect(its.verify(token)).rejects.toMatchObject(invalid)
  })

  test('clocks may differ by the tolerance', async () => {
    const { at, verifier, issue } = await start({ accessToken })
    const token = await issue()
    at.ms += 905_000
    expect(await verifier().verify(token)).toMatchObject({ subject: 'alice' })
    await expect(verifier({ clockTolerance: 0 }).verify(token)).rejects.toMatchObject(invalid)
    at.ms -= 2_000_000
    expect(await verifier().verify(token)).toMatchObject({ subject: 'alice' })
  })

  test('checkGrant asks the server, so that a revocation is seen', async () => {
    const { at, server, verifier, issue } = await start({ accessToken })
    const token = await issue()
    await server.grants.revokeAll({ subject: 'alice' })
    expect(await verifier().verify(token)).toMatchObject({ subject: 'alice' })
    expect(at.requests['introspect']).toBeUndefined()
    await expect(verifier().verify(token, { checkGrant: true })).rejects.toMatchObject(invalid)
  })

  test.each([
    ['RFC 9068 §4: another type', (header: object) => ({ ...header, typ: 'JWT' }), {}],
    ['RFC 8725 §3.1: no signature', (header: object) => ({ ...header, alg: 'none' }), {}],
    ['RFC 8725 §3.1: an HMAC', (header: object) => ({ ...header, alg: 'HS256' }), {}],
    ['RFC 9068 §4: another issuer', (header: object) => header, { iss: 'https://evil.example' }],
  ])('%s costs no request', async (_case, change, claims) => {
    const { at, verifier, issue } = await start({ accessToken })
    const [header = '', payload = '', signature] = (await issue()).split('.')
    const token = [text(change(parsed(header))), text({ ...parsed(payload), ...claims }), signature].join('.')
    await expect(verifier().verify(token)).rejects.toMatchObject(invalid)
    expect(at.requests).toEqual({})
  })

  test('a changed payload under a known key is refused', async () => {
    const { verifier, issue } = await start({ accessToken })
    const [header, payload = '', signature] = (await issue()).split('.')
    const changed = text({ ...parsed(payload), sub: 'mallory' })
    await expect(verifier().verify([header, changed, signature].join('.'))).rejects.toMatchObject(invalid)
  })
})

describe('opaque tokens', () => {
  test('an answer is believed for five seconds, and a revocation is seen after that', async () => {
    const { at, server, verifier, issue } = await start()
    const token = await issue()
    const its = verifier()
    await its.verify(token)
    await server.grants.revokeAll({ subject: 'alice' })
    at.ms += 4999
    expect(await its.verify(token)).toMatchObject({ subject: 'alice' })
    expect(at.requests['introspect']).toBe(1)
    at.ms += 1
    await expect(its.verify(token)).rejects.toMatchObject(invalid)
    await expect(its.verify(token)).rejects.toMatchObject(invalid)
    expect(at.requests['introspect']).toBe(2)
    await expect(
      verifier({ introspection: { ...introspection, cacheFor: 0 } }).verify(token),
    ).rejects.toMatchObject(invalid)
  })

  test('RFC 7662 §4: no answer is believed past the expiry of the token', async () => {
    const { at, verifier, issue } = await start({ accessToken: { lifetime: 3 } })
    const token = await issue()
    const its = verifier()
    await its.verify(token)
    at.ms += 3000
    await expect(its.verify(token)).rejects.toMatchObject(invalid)
  })

  test('answers that are large take the place of several, so that memory stays bounded', async () => {
    const { at, server, verifier } = await start()
    const issueLarge = async () => {
      const claims = { groups: Array.from({ length: 200 }, (_, index) => `group ${index} `.padEnd(36, 'x')) }
      return (await server.grants.issue({ clientId: 'spa', subject: 'alice', claims })).access_token
    }
    const its = verifier({ introspection: { ...introspection, cacheSize: 15 } })
    const tokens = [await issueLarge(), await issueLarge(), await issueLarge()]
    for (const token of tokens) await its.verify(token)
    expect(at.requests['introspect']).toBe(3)
    for (const token of tokens.toReversed()) await its.verify(token)
    // Two of nearly 8,000 characters have room.
    expect(at.requests['introspect']).toBe(4)
  })

  test('the number of answers kept is bounded, and bad tokens push no good one out', async () => {
    const { at, server, verifier, issue } = await start()
    const good = await issue()
    const its = verifier({ introspection: { ...introspection, cacheSize: 2 } })
    await its.verify(good)
    const ended = await Promise.all([1, 2, 3].map(() => issue()))
    const { grantId = '' } = await server.tokens.verify(good)
    await server.grants.revokeAll({ subject: 'alice', except: grantId })
    for (const token of ended) await expect(its.verify(token)).rejects.toMatchObject(invalid)
    await its.verify(good)
    expect(at.requests['introspect']).toBe(4)
    for (const token of await Promise.all([issue(), issue()])) await its.verify(token)
    await its.verify(good)
    expect(at.requests['introspect']).toBe(7)
  })

  test('what a known token was worth is still said while the server is down; of others it is a 503', async () => {
    const { at, verifier, issue } = await start()
    const [known, other] = [await issue(), await issue()]
    const its = verifier()
    await its.verify(known)
    at.answer = down
    expect(await its.verify(known)).toMatchObject({ subject: 'alice' })
    await expect(its.verify(other)).rejects.toMatchObject(unavailable)
  })

  test('wrong credentials of the resource server are its own fault: a 503 that is reported, without them', async () => {
    const { at, verifier, issue } = await start()
    const wrong = { clientId: 'api', clientSecret: 'wrong-secret-of-the-api' }
    await expect(verifier({ introspection: wrong }).verify(await issue())).rejects.toMatchObject(unavailable)
    expect(at.failures.map(String)).toEqual([expect.stringContaining('/oauth/introspect answered 401.')])
    expect(JSON.stringify(at.failures)).not.toContain('wrong-secret')
  })

  test.each([
    ['a number', '1'],
    ['no JSON', '<html>'],
    ['neither active nor not', '{}'],
    ['an active token without an expiry', '{"active":true,"client_id":"spa","iat":1}'],
    ['too much', `{"active":false,"x":"${'x'.repeat(300_000)}"}`],
  ])('an answer that cannot be used is a 503: %s', async (_case, body) => {
    const { at, verifier, issue } = await start()
    const token = await issue()
    const its = verifier()
    await its.ready()
    at.answer = (_req, res) => res.end(body)
    await expect(its.verify(token)).rejects.toMatchObject(unavailable)
  })

  test('Retry-After of the server is handed on', async () => {
    const { at, verifier, issue } = await start()
    const its = verifier()
    await its.ready()
    at.answer = (_req, res) => res.writeHead(429, { 'retry-after': '7' }).end()
    await expect(its.verify(await issue())).rejects.toMatchObject({ status: 503, retryAfter: 7 })
  })

  test('without introspection they are refused, with one warning', async () => {
    const { at, verifier, issue } = await start()
    const warned = jest.spyOn(process, 'emitWarning').mockReturnValue()
    const its = verifier({ introspection: undefined })
    const token = await issue()
    await expect(its.verify(token)).rejects.toMatchObject(invalid)
    await expect(its.verify(token)).rejects.toMatchObject(invalid)
    expect(warned).toHaveBeenCalledTimes(1)
    expect(at.requests).toEqual({})
    warned.mockRestore()
  })
})

test.each([
  ['nothing', ''],
  ['a bare prefix', 'ora_'],
  ['too short', 'ora_short'],
  ['too long', `ora_${'x'.repeat(20_000)}`],
  ['a dot in it', `ora_${'x'.repeat(100)}.`],
  ['two parts', 'a.b'],
  ['three parts that are no JSON', 'a.b.c'],
  ['a path', '../../x'],
  ['no string', null],
])('garbage is refused without a request: %s', async (_case, token) => {
  const { at, verifier } = await start()
  await expect(verifier().verify(token as string)).rejects.toMatchObject(invalid)
  expect(at.requests).toEqual({})
})

describe('only the issuer is asked', () => {
  test('RFC 8414 §3.3: metadata of another issuer are refused', async () => {
    const { at, verifier } = await start()
    at.answer = metadata({ issuer: 'https://evil.example', jwks_uri: 'https://evil.example/jwks' })
    await expect(verifier().ready()).rejects.toMatchObject(unavailable)
    expect(String(at.failures[0])).toContain('another issuer')
  })

  test('an endpoint of another origin is not asked', async () => {
    const { at, issuer, verifier } = await start()
    const other = await start()
    at.answer = metadata({ issuer, jwks_uri: `${other.issuer}/oauth/jwks` })
    await expect(verifier().ready()).rejects.toMatchObject(unavailable)
    expect(other.at.requests).toEqual({})
    expect(at.failures).toHaveLength(1)
  })

  test('no redirect is followed', async () => {
    const { at, verifier } = await start()
    const other = await start()
    at.answer = (req, res) => res.writeHead(302, { location: `${other.issuer}${req.url ?? ''}` }).end()
    await expect(verifier().ready()).rejects.toMatchObject(unavailable)
    expect(other.at.requests).toEqual({})
  })

  test('endpoints that are given are asked, and no metadata', async () => {
    const { at, issuer, verifier, issue } = await start()
    const its = verifier({ endpoints: { introspection: `${issuer}/oauth/introspect` } })
    expect(await its.verify(await issue())).toMatchObject({ subject: 'alice' })
    expect(at.requests).toEqual({ introspect: 1 })
  })
})

describe('requireToken with a verifier', () => {
  test('a good token is let in, with req.auth and getAuth; a scope it lacks is a 403 with the challenge', async () => {
    const { issuer, server, verifier, issue } = await start()
    const token = await issue()
    const admitted = JSON.parse(
      (await ask(requireToken(verifier(), { scope: 'read' }), token)).text,
    ) as object
    expect(admitted).toEqual({
      auth: await server.tokens.verify(token),
      same: await server.tokens.verify(token),
    })
    const refused = await ask(requireToken(verifier(), { scope: 'admin' }), token)
    expect(refused).toMatchObject({ status: 403, body: { error: 'insufficient_scope' } })
    expect(refused.headers.get('www-authenticate')).toContain(`realm="${issuer}", error="insufficient_scope"`)
  })

  test('RFC 6750 §3: no token, a bad one, and an outage have the answers of the server itself', async () => {
    const { at, issuer, server, verifier, issue } = await start()
    for (const token of [undefined, 'garbage']) {
      const [there, here] = [
        await ask(requireToken(server), token),
        await ask(requireToken(verifier()), token),
      ]
      expect([here.status, here.text, here.headers.get('www-authenticate')]).toEqual([
        there.status,
        there.text,
        there.headers.get('www-authenticate'),
      ])
      expect(here.headers.get('www-authenticate')).toContain(`Bearer realm="${issuer}"`)
    }
    at.answer = down
    const outage = await ask(requireToken(verifier()), await issue())
    expect(outage).toMatchObject({ status: 503, body: { error: 'temporarily_unavailable' } })
    expect(outage.headers.get('retry-after')).toBe('1')
    expect(outage.headers.get('www-authenticate')).toBeNull()
  })

  test('the option user is asked, and one that throws is a 503 that is reported', async () => {
    const { at, verifier, issue } = await start()
    const token = await issue()
    const broken = new Error('The database is down.')
    const user = (_auth: unknown, req: IncomingMessage) => {
      if (req.url === '/') throw broken
    }
    expect(await ask(requireToken(verifier(), { user }), token)).toMatchObject({ status: 503 })
    expect((at.failures[0] as Error).cause).toBe(broken)
  })
})

describe('misuse', () => {
  const issuer = 'https://auth.example.com'
  test.each([
    [{}, 'issuer.invalid'],
    [{ issuer: 'http://auth.example.com' }, 'issuer.insecure'],
    [{ issuer, audiences: ['x'] }, 'verifier.unknown_option'],
    [{ issuer, audience: [] }, 'verifier.audience'],
    [{ issuer, introspection: { clientId: 'api', clientSecret: undefined } }, 'verifier.introspection'],
    [{ issuer, introspection: { ...introspection, cacheFor: 600 } }, 'verifier.introspection'],
    [{ issuer, introspection: { ...introspection, cacheSize: 0 } }, 'verifier.introspection'],
    [{ issuer, endpoints: { jwks: 'http://10.0.0.1/jwks' } }, 'verifier.endpoints'],
    [{ issuer, clockTolerance: 60_000 }, 'verifier.clockTolerance'],
    [{ issuer, timeout: 2000 }, 'verifier.timeout'],
    [{ issuer, onFailure: 'log' }, 'verifier.onFailure'],
  ])('%j', (options, code) => {
    expect(() => createTokenVerifier(options as never)).toThrow(expect.objectContaining({ code }))
  })

  test('a private network may be allowed', () => {
    const allowInsecureIssuer = 'private-network'
    const endpoints = { jwks: 'http://auth:3000/oauth/jwks' }
    expect(createTokenVerifier({ issuer, endpoints, allowInsecureIssuer }).issuer).toBe(issuer)
  })

  test('checkGrant without introspection is found where the guard is made', async () => {
    const verifier = createTokenVerifier({ issuer })
    expect(() => requireToken(verifier, { checkGrant: true })).toThrow(
      expect.objectContaining({ code: 'http.checkGrant' }),
    )
    await expect(verifier.verify('x', { checkGrant: true })).rejects.toThrow(TypeError)
    await expect(verifier.verify('x', { audiences: 'x' } as never)).rejects.toThrow(TypeError)
  })
})

function privateJwk() {
  return generateKeyPairSync('ec', { namedCurve: 'P-256' }).privateKey.export({ format: 'jwk' }) as never
}

/** What a guarded route answers with. */
async function ask(guard: ReturnType<typeof requireToken>, token?: string) {
  const url = await listening((req, res) =>
    guard(req, res, () =>
      res.end(JSON.stringify({ auth: (req as { auth?: unknown }).auth, same: getAuth(req) })),
    ),
  )
  return answerOf(
    await fetch(url, token === undefined ? {} : { headers: { authorization: `Bearer ${token}` } }),
  )
}

function goldClaims() {
  return { plan: 'gold' }
}

function text(part: object): string {
  return Buffer.from(JSON.stringify(part)).toString('base64url')
}

function parsed(part: string): object {
  return JSON.parse(Buffer.from(part, 'base64url').toString()) as object
}

function metadata(its: object): RequestListener {
  return (_req, res) => res.end(JSON.stringify(its))
}
