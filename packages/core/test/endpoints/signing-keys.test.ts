import { decodeProtectedHeader } from 'jose'
import { generateKeyPairSync } from 'node:crypto'
import type { JWK } from 'jose'
import { MemoryStorage } from '@oauth-ratchet/core'
import type { AccessTokenOptions } from '@oauth-ratchet/core'
import { jwksOf, privateJwk, verified } from '../setup/jwt.js'
import { secret, startServer } from '../setup/test-server.js'
import { issue, tokensOf } from '../setup/tokens.js'

const jwt = { accessToken: { format: 'jwt' } } as const

describe('signing keys', () => {
  test('are the same in every process that has the secret: derived, and nowhere stored', async () => {
    const [one, two] = [startServer(jwt), startServer(jwt)]
    const elsewhere = startServer({ ...jwt, secrets: ['TZDrEwDyYmnoSX2_2Y9cJObMqGFwiUL4zTUTr-tPSWrESpeX'] })
    const tenant = startServer({ ...jwt, issuer: 'https://tenant.example.com' })

    expect(await jwksOf(two)).toEqual(await jwksOf(one))
    const kid = (await jwksOf(one)).keys[0]?.kid
    for (const other of [elsewhere, tenant]) expect((await jwksOf(other)).keys[0]?.kid).not.toBe(kid)
    // Pinned: a change of how it is derived would end every JWT at the next deployment.
    expect(kid).toBe('IN_PN319OJ8wyr86FEUPx6mMoLsDVQ3miD3VHC7T38Q')
  })

  test('of all secrets are published, and the first signs (T5)', async () => {
    const storage = new MemoryStorage()
    const older = 'NKFzQI7P7pon-vn4tbvLYDeBbIEq4a3n3nCrP1jhgkEEUysk'
    const before = startServer({ ...jwt, storage, secrets: [older] })
    const old = await issue(before)
    const after = startServer({ ...jwt, storage, secrets: [secret, older] }, before.clock)

    const fresh = tokensOf(await after.refresh(old.refresh_token))

    const { keys } = await jwksOf(after)
    expect(keys).toHaveLength(2)
    expect(decodeProtectedHeader(fresh.access_token).kid).toBe(keys[0]?.kid)
    expect(decodeProtectedHeader(old.access_token).kid).toBe(keys[1]?.kid)
    await verified(after, old.access_token)
    await verified(after, fresh.access_token)
  })

  test('are none where tokens are opaque: on a key of the secret, guesses at it could be tried offline', async () => {
    const at = startServer()
    const signed = await issue(startServer({ ...jwt, storage: at.storage }, at.clock))

    expect(at.server.endpoints.jwks()).toMatchObject({
      status: 200,
      headers: { 'content-type': 'application/jwk-set+json' },
      body: '{"keys":[]}',
    })
    // What is not published is not accepted either: a refresh gives a token of the new format.
    expect((await at.introspect(signed.access_token)).body).toEqual({ active: false })
    const { access_token } = tokensOf(await at.refresh(signed.refresh_token))
    expect(access_token).toMatch(/^ora_/)
  })

  test('that are given are published with opaque tokens too, and none of the secrets', async () => {
    const signingKeys = [await privateJwk('ES256', 'given')]
    for (const format of ['opaque', 'jwt'] as const) {
      const { keys } = await jwksOf(startServer({ accessToken: { format, signingKeys } }))
      expect(keys.map((key) => key.kid)).toEqual(['given'])
    }
  })

  test.each([
    ['opaque', false],
    ['signingKeys', true],
  ] as const)(
    'of the secrets go on, after a change to %s, for as long as publishDerivedKeysUntil says (T5)',
    async (_, given) => {
      const storage = new MemoryStorage()
      const before = startServer({ ...jwt, storage })
      const { clock } = before
      const { access_token } = await issue(before)
      const until = clock.seconds + 900
      const over = given
        ? ({ format: 'jwt', signingKeys: [await privateJwk('ES256', 'given')] } as const)
        : {}
      const after = startServer({ storage, accessToken: { ...over, publishDerivedKeysUntil: until } }, clock)
      const kidsOf = async () => (await jwksOf(after)).keys.map((key) => key.kid)

      expect(await kidsOf()).toEqual([...(given ? ['given'] : []), decodeProtectedHeader(access_token).kid])
      await expect(after.server.tokens.verify(access_token)).resolves.toMatchObject({ subject: 'u1' })
      const fresh = (await issue(after)).access_token
      expect(given ? decodeProtectedHeader(fresh).kid : fresh.slice(0, 4)).toBe(given ? 'given' : 'ora_')
      // The token has expired by then: it is the key that is asked for here.
      clock.advance(899.999)
      expect(await kidsOf()).toHaveLength(given ? 2 : 1)
      clock.advance(0.001)
      expect(await kidsOf()).toHaveLength(given ? 1 : 0)
    },
  )

  test('are published until a Date or seconds, and nothing else', () => {
    expect([keysUntil(new Date('2030-01-01')), keysUntil(1_900_000_000), keysUntil(0)]).toEqual([1, 1, 0])
    for (const wrong of [true, '2030-01-01', Date.now(), new Date(Number.NaN), -1]) {
      expect(() => keysUntil(wrong)).toThrow(
        expect.objectContaining({ code: 'accessToken.publishDerivedKeysUntil.invalid' }),
      )
    }
  })

  test.each(['ES256', 'RS256', 'EdDSA'])('may be given as private JWKs: %s', async (alg) => {
    const at = startServer({ accessToken: { format: 'jwt', signingKeys: [await privateJwk(alg)] } })
    const { access_token } = await issue(at)

    const { protectedHeader } = await verified(at, access_token)

    expect(protectedHeader.alg).toBe(alg)
    await expect(at.server.tokens.verify(access_token)).resolves.toMatchObject({ subject: 'u1' })
  })

  test('that are retired still verify until they are taken out; then their tokens are refused (T5)', async () => {
    const storage = new MemoryStorage()
    const [old, fresh] = [await privateJwk('ES256', 'old'), await privateJwk('EdDSA', 'new')]
    const server = (...signingKeys: JWK[]) =>
      startServer({ storage, accessToken: { format: 'jwt', signingKeys } })
    const { access_token } = await issue(server(old))

    const rotated = server(fresh, old)
    await expect(rotated.server.tokens.verify(access_token)).resolves.toMatchObject({ subject: 'u1' })
    expect(decodeProtectedHeader((await issue(rotated)).access_token).kid).toBe('new')
    await expect(server(fresh).server.tokens.verify(access_token)).rejects.toMatchObject({
      code: 'invalid_token',
    })
  })

  test('are published without anything private, to be kept for five minutes (T5)', async () => {
    const given = await Promise.all(['ES256', 'RS256', 'EdDSA'].map((alg) => privateJwk(alg)))
    const at = startServer({ accessToken: { format: 'jwt', signingKeys: given } })

    const { status, headers } = at.server.endpoints.jwks()
    const { keys } = await jwksOf(at)

    expect(status).toBe(200)
    expect(headers).toMatchObject({
      'content-type': 'application/jwk-set+json',
      'cache-control': 'public, max-age=300',
    })
    expect(keys.map((key) => [key.kty, key.alg, key.use])).toEqual([
      ['EC', 'ES256', 'sig'],
      ['RSA', 'RS256', 'sig'],
      ['OKP', 'EdDSA', 'sig'],
    ])
    expect(new Set(keys.map((key) => key.kid)).size).toBe(3)
    for (const key of keys) {
      for (const member of ['d', 'p', 'q', 'dp', 'dq', 'qi', 'k']) expect(key).not.toHaveProperty(member)
    }
  })

  test('that cannot sign are said to be wrong when the server is made, before any token is turned', async () => {
    const good = await privateJwk('ES256')
    const { d: _, ...publicHalf } = good
    for (const wrong of [
      {},
      publicHalf,
      { kty: 'oct', k: 'AAAA' },
      { ...good, crv: 'P-384' },
      generateKeyPairSync('ec', { namedCurve: 'P-384' }).privateKey.export({ format: 'jwk' }) as JWK,
      { ...(await privateJwk('RS256')), alg: 'PS256' },
      { ...good, d: (await privateJwk('ES256')).d ?? '' },
    ]) {
      const make = () => startServer({ accessToken: { format: 'jwt', signingKeys: [wrong] } })
      expect(make).toThrow(expect.objectContaining({ code: 'accessToken.signingKeys' }))
    }
  })
})

function keysUntil(publishDerivedKeysUntil: unknown): number {
  const at = startServer({ accessToken: { publishDerivedKeysUntil } as AccessTokenOptions })
  return (JSON.parse(at.server.endpoints.jwks().body) as { keys: unknown[] }).keys.length
}
