import { accessProof } from '../src/access-tokens/claims.js'
import type { GenuineAccessToken } from '../src/access-tokens/claims.js'
import { sealJwt } from '../src/access-tokens/jwt.js'
import { openOpaque, sealOpaque } from '../src/access-tokens/opaque.js'
import { derivedSigningKeys } from '../src/access-tokens/signing-keys.js'
import { randomId } from '../src/ratchet/random.js'
import { KeyRing } from '../src/ratchet/secrets.js'
import { sealToken } from '../src/ratchet/token-codec.js'
import { id } from './setup/records.js'
import { clientA, clientC, issuer, secret, startServer } from './setup/test-server.js'
import type { TestServer } from './setup/test-server.js'
import { expectDead, idOfGrant, issue } from './setup/tokens.js'

// What a thief of the secret can do who has not got the store: nothing with a grant.
const ring = new KeyRing([new TextEncoder().encode(secret)], issuer)

function contentFor(at: TestServer, grantId: string): GenuineAccessToken {
  const issuedAt = at.clock.seconds
  return {
    id: randomId(),
    grantId,
    clientId: clientA.client_id,
    scope: 'read write',
    audience: [issuer],
    issuedAt,
    expiresAt: issuedAt + 900,
  }
}

describe('an access token made with the right secret and a known grant id, but without the store', () => {
  test('is refused, whatever stands for the access nonce', async () => {
    const at = startServer()
    const tokens = await issue(at)
    const content = contentFor(at, idOfGrant(tokens))
    const own = openOpaque(ring, tokens.access_token)
    const seen = own.status === 'genuine' ? own.token.proof : undefined
    const proofs = [
      undefined,
      '',
      randomId(),
      accessProof(randomId(), content),
      accessProof('', content),
      seen,
    ]

    for (const proof of proofs) {
      const forged = sealOpaque(ring, { ...content, ...(proof !== undefined && { proof }) })
      expect(openOpaque(ring, forged).status).toBe('genuine')
      await expectDead(at, { access_token: forged })
    }
    await expect(at.server.tokens.verify(tokens.access_token)).resolves.toMatchObject({ subject: 'u1' })
  })

  test('with the record’s access nonce it would be good: the proof is all that was missing', async () => {
    const at = startServer()
    const tokens = await issue(at)
    const content = contentFor(at, idOfGrant(tokens))
    const { accessNonce = '' } = (await at.storage.grants.find(idOfGrant(tokens))) ?? {}

    const made = sealOpaque(ring, { ...content, proof: accessProof(accessNonce, content) })

    await expect(at.server.tokens.verify(made)).resolves.toMatchObject({ subject: 'u1' })
  })

  test('with that nonce, for another client than the grant’s, is refused', async () => {
    const at = startServer()
    const tokens = await issue(at)
    const content = { ...contentFor(at, idOfGrant(tokens)), clientId: clientC.client_id }
    const { accessNonce = '' } = (await at.storage.grants.find(idOfGrant(tokens))) ?? {}

    await expectDead(at, {
      access_token: sealOpaque(ring, { ...content, proof: accessProof(accessNonce, content) }),
    })
  })

  test('a genuine one changed in any member is refused, although its tag is right', async () => {
    const at = startServer({ accessToken: { audience: ['https://r1'] } })
    const tokens = await issue(at, { scope: 'read' })
    const opened = openOpaque(ring, tokens.access_token)
    if (opened.status !== 'genuine') throw new Error('The token does not open.')
    const changes: Partial<GenuineAccessToken>[] = [
      { scope: 'read write' },
      { expiresAt: opened.token.expiresAt + 86_400 },
      { issuedAt: opened.token.issuedAt + 1 },
      { audience: ['https://r1', 'https://r2'] },
      { id: randomId() },
      { clientId: clientC.client_id },
    ]

    for (const change of changes) {
      await expectDead(at, { access_token: sealOpaque(ring, { ...opened.token, ...change }) })
    }
    expect((await at.introspect(sealOpaque(ring, opened.token))).body).toMatchObject({ active: true })
  })

  test('as a JWT is refused too where the grant is asked', async () => {
    const at = startServer({ accessToken: { format: 'jwt' } })
    const tokens = await issue(at)
    const [key] = derivedSigningKeys(ring.all)
    if (key === undefined) throw new Error('There is no key.')
    const content = contentFor(at, idOfGrant(tokens))
    const details = { subject: 'u1', claims: {} }

    for (const proof of ['x', accessProof(randomId(), content)]) {
      await expectDead(at, { access_token: sealJwt(key, issuer, { ...content, proof }, details) })
    }
  })

  test('has the server’s own claims whatever the app’s claims are called', () => {
    const at = startServer({ accessToken: { format: 'jwt' } })
    const [key] = derivedSigningKeys(ring.all)
    if (key === undefined) throw new Error('There is no key.')
    const content = contentFor(at, id('g'))
    const claims = { iss: 'x', sub: 'x', aud: 'x', client_id: 'x', exp: 1e12, iat: 0, jti: 'x', tier: 'gold' }

    const [, payload] = sealJwt(key, issuer, content, { subject: 'u1', claims }).split('.')

    expect(JSON.parse(Buffer.from(payload ?? '', 'base64url').toString())).toMatchObject({
      iss: issuer,
      sub: 'u1',
      client_id: content.clientId,
      iat: content.issuedAt,
      exp: content.expiresAt,
      tier: 'gold',
    })
  })

  test('for a client without client credentials, and without a grant, is refused', async () => {
    const at = startServer()
    const { grantId: _, ...without } = contentFor(at, '')

    await expectDead(at, { access_token: sealOpaque(ring, without) })
  })
})

describe('a refresh token made with the right secret, but without the store', () => {
  test('of a grant that does not exist is refused', async () => {
    const at = startServer()

    const forged = sealToken(ring, 'refresh_token', { grantId: id('g'), generation: 1, nonce: id('n') })

    expect(await at.refresh(forged)).toMatchObject({ status: 400, body: { error: 'invalid_grant' } })
  })

  test('of one that does is a nonce never issued: it ends the grant, and gets nothing', async () => {
    const at = startServer({ refreshToken: { reuseGrace: 60 } })
    const tokens = await issue(at)

    const forged = sealToken(ring, 'refresh_token', {
      grantId: idOfGrant(tokens),
      generation: 1,
      nonce: id('n'),
    })

    expect(await at.refresh(forged)).toMatchObject({ status: 400, body: { error: 'invalid_grant' } })
    await expectDead(at, tokens)
  })
})
