import { decodeProtectedHeader } from 'jose'
import { generateKeyPairSync } from 'node:crypto'
import type { JWK } from 'jose'
import { MemoryStorage } from '@oauth-ratchet/core'
import { jwksOf, privateJwk, verified } from '../setup/jwt.js'
import { secret, startServer } from '../setup/test-server.js'
import { issue, tokensOf } from '../setup/tokens.js'

const jwt = { accessToken: { format: 'jwt' } } as const

describe('signing keys', () => {
  test('are the same in every process that has the secret: derived, and nowhere stored', async () => {
    const [one, two] = [startServer(jwt), startServer(jwt)]
    const elsewhere = startServer({ ...jwt, secrets: ['another secret, which is 32 bytes or more'] })
    const tenant = startServer({ ...jwt, issuer: 'https://tenant.example.com' })

    expect(await jwksOf(two)).toEqual(await jwksOf(one))
    const kid = (await jwksOf(one)).keys[0]?.kid
    for (const other of [elsewhere, tenant]) expect((await jwksOf(other)).keys[0]?.kid).not.toBe(kid)
    // Pinned: a change of how it is derived would end every JWT at the next deployment.
    expect(kid).toBe('jLW009CbogMgKpqIUHRXQGTE718mKJ4zVC_x4FgWxRI')
  })

  test('of all secrets are published, and the first signs (T5)', async () => {
    const storage = new MemoryStorage()
    const older = 'an older secret of these tests, 32 bytes and more'
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
