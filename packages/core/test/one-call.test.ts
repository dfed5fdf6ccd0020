import { KeyRing } from '../src/ratchet/secrets.js'
import { sealToken } from '../src/ratchet/token-codec.js'
import { codeOf, redemption } from './setup/authorization.js'
import { CountingStorage } from './setup/counting-storage.js'
import { id } from './setup/records.js'
import {
  clientA,
  clientC,
  confidentialSecret,
  issuer,
  olderSecret,
  secret,
  startServer,
} from './setup/test-server.js'
import type { TestServer } from './setup/test-server.js'
import { idOfGrant, issue, tokensOf } from './setup/tokens.js'

/** A server on a counting storage, already initialised, with a grant of client A. */
async function counted(options: Parameters<typeof startServer>[0] = {}) {
  const counting = new CountingStorage()
  const at = startServer({ ...options, storage: counting.storage })
  const tokens = await issue(at)
  return { at, tokens, during: (work: () => Promise<unknown>) => counting.during(work) }
}

describe('a refresh on the happy path', () => {
  test.each([
    ['with opaque access tokens', {}],
    ['with JWT access tokens', { accessToken: { format: 'jwt' } }],
    ['with a grace', { refreshToken: { reuseGrace: 10 } }],
    ['of a client found by a function', { clients: () => clientA }],
    [
      'where refresh tokens of before are imported',
      { refreshToken: { importToken: { clients: ['app-a'], until: 1_800_000_000, find: () => null } } },
    ],
  ] as const)('%s is one storage call, the turn', async (_, options) => {
    const { at, tokens, during } = await counted(options)
    let { refresh_token } = tokens
    for (let turn = 0; turn < 5; turn++) {
      const calls = await during(async () => {
        ;({ refresh_token } = tokensOf(await at.refresh(refresh_token)))
      })
      expect(calls).toEqual(['grants.turn'])
    }
  })

  test('with an idempotency key is one call, and so is its repeat', async () => {
    const { at, tokens, during } = await counted()
    const sent = { headers: { 'idempotency-key': 'k1' } }

    expect(await during(() => at.refresh(tokens.refresh_token, {}, sent))).toEqual(['grants.turn'])
    expect(await during(() => at.refresh(tokens.refresh_token, {}, sent))).toEqual(['grants.turn'])
  })

  test('through server.tokens is one call too', async () => {
    const { at, tokens, during } = await counted()

    const calls = await during(() =>
      at.server.tokens.refresh({ refreshToken: tokens.refresh_token, clientId: clientA.client_id }),
    )

    expect(calls).toEqual(['grants.turn'])
  })

  test.each([
    ['of a client with the wrong name', { client_id: 'app-b' }],
    ['after the grant was revoked', {}],
  ])('%s a refusal costs one call as well', async (_, form) => {
    const { at, tokens, during } = await counted()
    if (!('client_id' in form)) await at.server.tokens.revoke(tokens.refresh_token)

    expect(await during(() => at.refresh(tokens.refresh_token, form))).toEqual(['grants.turn'])
  })
})

describe('a refresh that must know the grant first is two calls', () => {
  test('with a scope', async () => {
    const { at, tokens, during } = await counted()

    expect(await during(() => at.refresh(tokens.refresh_token, { scope: 'read' }))).toEqual([
      'grants.find',
      'grants.turn',
    ])
  })

  test.each([
    ['isSubjectActive', { isSubjectActive: () => true }],
    ['claims for JWTs', { accessToken: { format: 'jwt', claims: () => ({}) } }],
  ] as const)('with %s', async (_, options) => {
    const { at, tokens, during } = await counted(options)

    expect(await during(() => at.refresh(tokens.refresh_token))).toEqual(['grants.find', 'grants.turn'])
  })

  test('with limits of its own beyond the options: the first turn would have capped them', async () => {
    const { at, tokens, during } = await counted()
    await at.server.grants.update(idOfGrant(tokens), { lifetimes: { absolute: 365 * 86_400 } })

    expect(await during(() => at.refresh(tokens.refresh_token))).toEqual(['grants.turn', 'grants.turn'])
  })

  test('not with claims for opaque tokens, which are asked when somebody looks', async () => {
    const { at, tokens, during } = await counted({ accessToken: { claims: () => ({}) } })

    expect(await during(() => at.refresh(tokens.refresh_token))).toEqual(['grants.turn'])
  })

  test('with a token of an older secret, and one again from then on', async () => {
    const counting = new CountingStorage()
    const old = startServer({ storage: counting.storage, secrets: [olderSecret] })
    const first = await issue(old)
    const at = startServer({ storage: counting.storage, secrets: [secret, olderSecret] }, old.clock)
    await at.server.ready()
    let second = first

    const turning = await counting.during(async () => {
      second = tokensOf(await at.refresh(first.refresh_token))
    })

    expect(turning).toEqual(['grants.find', 'grants.turn'])
    expect(await counting.during(() => at.refresh(second.refresh_token))).toEqual(['grants.turn'])
  })
})

describe('no storage call at all', () => {
  const other = new KeyRing([new TextEncoder().encode('y'.repeat(40))], issuer)
  const tenant = new KeyRing([new TextEncoder().encode(secret)], 'https://tenant.example.com')
  const made = { grantId: id('g'), generation: 1, nonce: id('n') }

  test.each([
    ['garbage', 'garbage'],
    ['a token under another secret', sealToken(other, 'refresh_token', made)],
    ["another realm's", sealToken(tenant, 'refresh_token', made)],
    [
      'a code',
      sealToken(new KeyRing([new TextEncoder().encode(secret)], issuer), 'authorization_code', made),
    ],
    ['a very long one', `orr_${'A'.repeat(100_000)}`],
  ])('for %s: at token, revoke and introspect', async (_, token) => {
    const { at, during } = await counted()

    const calls = await during(async () => {
      await at.refresh(token)
      await at.refresh(token, { scope: 'read' })
      await at.revoke({ token, client_id: 'app-a' })
      await at.introspect(token)
      await at.server.tokens.verify(token).catch(() => undefined)
      await at.token(redemption(token.replace('orc_', 'orr_')))
    })

    expect(calls).toEqual([])
  })

  test('for a client that fails to authenticate, or asks for what it may not', async () => {
    const { at, tokens, during } = await counted()
    const form = { grant_type: 'refresh_token', refresh_token: tokens.refresh_token }

    const calls = await during(async () => {
      await at.token({ ...form, client_id: clientC.client_id, client_secret: 'wrong' })
      await at.token({ ...form, client_id: 'app-a', grant_type: 'client_credentials' })
      await at.token({ ...form, client_id: 'app-a', grant_type: 'unheard-of' })
    })

    expect(calls).toEqual([])
  })

  test('but one, for a client that is not configured: it could be in the storage; not again within 5 seconds', async () => {
    const { at, tokens, during } = await counted()
    const form = { grant_type: 'refresh_token', refresh_token: tokens.refresh_token, client_id: 'nobody' }

    const calls = await during(async () => {
      await at.token(form)
      await at.token(form)
      await at.token({ ...form, client_id: 'n'.repeat(256) })
    })

    expect(calls).toEqual(['clients.find'])
  })

  test('for metadata, keys, and client credentials', async () => {
    const { at, during } = await counted()
    const form = {
      grant_type: 'client_credentials',
      client_id: clientC.client_id,
      client_secret: confidentialSecret,
    }

    const calls = await during(async () => {
      at.server.endpoints.metadata()
      at.server.endpoints.jwks()
      expect(await at.token(form)).toMatchObject({ status: 200 })
    })

    expect(calls).toEqual([])
  })
})

async function callsOf(
  work: (at: TestServer, tokens: Awaited<ReturnType<typeof issue>>) => Promise<unknown>,
) {
  const { at, tokens, during } = await counted()
  return during(() => work(at, tokens))
}

describe('the other endpoints', () => {
  test('checking an access token is one read', async () => {
    expect(await callsOf((at, { access_token }) => at.server.tokens.verify(access_token))).toEqual([
      'grants.find',
    ])
    expect(await callsOf((at, { access_token }) => at.introspect(access_token))).toEqual(['grants.find'])
  })

  test('introspecting a refresh token is one read', async () => {
    const { at, tokens, during } = await counted()
    // The server that answers this is another one, and reads at its start.
    await at.introspect(tokens.refresh_token)

    expect(await during(() => at.introspect(tokens.refresh_token))).toEqual(['grants.find'])
  })

  test("asking about another client's access token is none, at introspection and revocation", async () => {
    const asC = { client_id: clientC.client_id, client_secret: confidentialSecret }

    expect(
      await callsOf(async (at, { access_token: token }) => {
        expect((await at.introspectAs({ token, ...asC })).body).toEqual({ active: false })
        expect(await at.revoke({ token, ...asC })).toMatchObject({ body: { error: 'invalid_grant' } })
        expect(await at.revoke({ token, client_id: 'app-b' })).toMatchObject({ status: 200 })
      }),
    ).toEqual([])
  })

  test('believing a JWT is none', async () => {
    const { at, tokens, during } = await counted({ accessToken: { format: 'jwt' } })

    expect(await during(() => at.server.tokens.verify(tokens.access_token, { checkGrant: false }))).toEqual(
      [],
    )
    expect(await during(() => at.server.tokens.verify(tokens.access_token))).toEqual(['grants.find'])
  })

  test('revoking is a read and a write', async () => {
    expect(await callsOf((at, { refresh_token }) => at.server.tokens.revoke(refresh_token))).toEqual([
      'grants.find',
      'grants.revoke',
    ])
    expect(await callsOf((at, { access_token }) => at.server.tokens.revoke(access_token))).toEqual([
      'grants.find',
      'grants.renewAccessNonce',
    ])
  })

  test('redeeming a code is a read, the look for a sign-out, a turn, and the look at the limit of grants', async () => {
    const counting = new CountingStorage()
    const at = startServer({ storage: counting.storage })
    const code = await codeOf(at)

    expect(await counting.during(() => at.token(redemption(code)))).toEqual([
      'grants.find',
      'values.peek',
      'grants.turn',
      'grants.listBySubject',
    ])
  })

  test('without a limit of grants, first tokens are one write, and the look for a sign-out behind it', async () => {
    const { at, during } = await counted({ refreshToken: { maxPerSubjectAndClient: null } })

    expect(await during(() => issue(at))).toEqual(['grants.create', 'values.peek'])
  })
})
