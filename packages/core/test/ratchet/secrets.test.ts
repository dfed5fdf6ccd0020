import { codeProofOf, fitsCodeProof, s256 } from '../../src/ratchet/code-proof.js'
import { randomBytes, randomId } from '../../src/ratchet/random.js'
import { KeyRing, keyedHash } from '../../src/ratchet/secrets.js'
import { challenge, verifier } from '../setup/authorization.js'

const bytes = (text: string) => new TextEncoder().encode(text.padEnd(40, '.'))
const realm = 'https://auth.example.com'

describe('the keys of a secret', () => {
  test('are the same for the same secret and realm, in any process', () => {
    const [one, two] = [new KeyRing([bytes('one')], realm), new KeyRing([bytes('one')], realm)]

    expect(two.current.id).toBe(one.current.id)
    expect(two.subjectHash('u1')).toBe(one.subjectHash('u1'))
    expect(two.current.signingSeed).toEqual(one.current.signingSeed)
    // Pinned: a change of the derivation would end every session at the next deployment.
    expect([one.current.id, one.subjectHash('u1')]).toEqual([41_191_220, '1o_TCUBTPClxgZQvttEPHA'])
  })

  test('are others in another realm, but for the id, which names the secret', () => {
    const [one, tenant] = [new KeyRing([bytes('one')], realm), new KeyRing([bytes('one')], `${realm}/t1`)]

    expect(tenant.current.id).toBe(one.current.id)
    expect(tenant.subjectHash('u1')).not.toBe(one.subjectHash('u1'))
    expect(tenant.sessionHash('s1')).not.toBe(one.sessionHash('s1'))
    expect(tenant.current.signingSeed).not.toEqual(one.current.signingSeed)
    expect(tenant.current.sealing.of('m')).not.toEqual(one.current.sealing.of('m'))
  })

  test('are all different from each other: no kind passes for another', () => {
    const { tag, sealing, subject, session } = new KeyRing([bytes('one')], realm).current
    const keys = [...Object.values(tag), sealing, subject, session].map((key) => key.of('m').toString('hex'))

    expect(new Set(keys).size).toBe(keys.length)
  })

  test('a session and a subject of the same name have different hashes', () => {
    const ring = new KeyRing([bytes('one')], realm)

    expect(ring.sessionHash('same')).not.toBe(ring.subjectHash('same'))
  })
})

describe('a key ring', () => {
  test('signs with the first and finds every other by its id, wherever it stands in the list', () => {
    const ring = new KeyRing([bytes('new'), bytes('old')], realm)
    const old = new KeyRing([bytes('old')], realm)

    expect(ring.current.id).toBe(new KeyRing([bytes('new')], realm).current.id)
    expect(ring.find(old.current.id)?.subject.of('m')).toEqual(old.current.subject.of('m'))
    expect(ring.find(old.current.id ^ 1)).toBeUndefined()
  })

  test('hashes a subject under every secret, the current one first', () => {
    const ring = new KeyRing([bytes('new'), bytes('old')], realm)
    const old = new KeyRing([bytes('old')], realm)

    expect(ring.subjectHashes('u1')).toEqual([ring.subjectHash('u1'), old.subjectHash('u1')])
    expect(ring.sessionHashes('s1')).toEqual([ring.sessionHash('s1'), old.sessionHash('s1')])
    expect(keyedHash(old.current.subject, 'u1')).toMatch(/^[\w-]{22}$/)
  })

  test('refuses the same secret twice', () => {
    expect(() => new KeyRing([bytes('one'), bytes('one')], realm)).toThrow(
      expect.objectContaining({ code: 'secrets.repeated' }) as Error,
    )
  })
})

describe('random values', () => {
  test('are 128 bits as 22 characters, and never the same', () => {
    const ids = Array.from({ length: 5000 }, randomId)

    expect(new Set(ids).size).toBe(5000)
    for (const one of ids) expect(one).toMatch(/^[\w-]{21}[AQgw]$/)
  })

  test('are of the length asked for, each a copy of its own, also past the end of the pool', () => {
    const taken = Array.from({ length: 2000 }, () => randomBytes(12))
    const [first] = taken
    first?.fill(0)

    expect(new Set(taken.map((each) => each.toString('hex'))).size).toBe(2000)
    for (const each of taken) expect(each).toHaveLength(12)
    expect(taken.slice(1).filter((each) => each.every((byte) => byte === 0))).toEqual([])
  })
})

describe('the proof of a code', () => {
  const redirectUri = 'https://a.example/cb'
  const bound = codeProofOf({ codeChallenge: challenge, redirectUri, redirectUriSent: true })
  const unbound = codeProofOf({ redirectUri, redirectUriSent: true })
  const implied = codeProofOf({ redirectUri, redirectUriSent: false })

  test('s256 is the example of RFC 7636 Appendix B', () => {
    expect(s256(verifier)).toBe(challenge)
  })

  test.each([
    ['verifier and redirect URI', bound, { codeVerifier: verifier, redirectUri }, true],
    ['verifier alone (OAuth 2.1 §10.2)', bound, { codeVerifier: verifier }, true],
    ['redirect URI without verifier', bound, { redirectUri }, false],
    ['nothing', bound, {}, false],
    ['another verifier', bound, { codeVerifier: `${verifier}x`, redirectUri }, false],
    ['the challenge as verifier', bound, { codeVerifier: challenge, redirectUri }, false],
    ['another redirect URI', bound, { codeVerifier: verifier, redirectUri: `${redirectUri}/` }, false],
    ['an empty redirect URI', bound, { codeVerifier: verifier, redirectUri: '' }, false],
    ['no PKCE: the redirect URI', unbound, { redirectUri }, true],
    ['no PKCE: no redirect URI where it was sent (RFC 6749 §4.1.3)', unbound, {}, false],
    ['no PKCE: a verifier, the downgrade (K4)', unbound, { codeVerifier: verifier, redirectUri }, false],
    ['no PKCE, URI not sent: nothing', implied, {}, true],
    ['no PKCE, URI not sent: the right one', implied, { redirectUri }, true],
    ['no PKCE, URI not sent: another', implied, { redirectUri: 'https://evil.example/' }, false],
  ])('%s', (_, proof, presented, fits) => {
    expect(fitsCodeProof(proof, presented)).toBe(fits)
  })

  test('has one size, whatever it is made of, and says nothing of it', () => {
    const long = codeProofOf({
      codeChallenge: challenge,
      redirectUri: `https://a.example/${'x'.repeat(2000)}`,
      redirectUriSent: true,
    })

    expect(long).toHaveLength(bound.length)
    expect(bound).not.toContain(challenge)
    expect(bound).not.toContain('a.example')
  })
})
