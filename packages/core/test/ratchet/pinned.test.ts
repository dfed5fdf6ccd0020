import { accessProof } from '../../src/access-tokens/claims.js'
import { codeProofOf } from '../../src/ratchet/code-proof.js'
import { unsealFacts } from '../../src/ratchet/sealing.js'
import { KeyRing } from '../../src/ratchet/secrets.js'
import { openJson, openToken, sealToken } from '../../src/ratchet/token-codec.js'
import { challenge } from '../setup/authorization.js'
import { grantOf, id } from '../setup/records.js'

// Clients and stores hold such strings for months. Whatever changes one of them ends every session at the next
// deployment, or leaves records that nobody can read: it needs a new version of the format, and this one still read.
const ring = new KeyRing([new TextEncoder().encode('one'.padEnd(40, '.'))], 'https://auth.example.com')
const refreshToken =
  'orr_AQJ0hzSAAAAAAAAAAAAAAAAAAAAAAAAAAAAHnAAAAAAAAAAAAAAAAAAAAMzadU44AGKv1n5aeTZYXgyziPFnzw313zK2OQS9avtm'
const code =
  'orc_AQJ0hzSAAAAAAAAAAAAAAAAAAAAAAAAAAAAAnAAAAAAAAAAAAAAAAAAAAEV2CTrCO2vWzShQuK80kC1I0if6nDs7ps4b447xYqE0'
const json = 'AQJ0hzRbImEiLDFdOrGkEnd0djsnbuMeBhcAeAT7b-9MuQm4ozrcln1gGX4'
const facts = 'AnSHNKHU807IA-GyIcKkvGfWnqA7c0W2BvEJXkJHs3aybFPcqtCSrD7rQSdklvdiQTMmsOyouB0zQ5i0YEDzSGym'

describe('what the first version has made stays good', () => {
  test.each([
    ['refresh_token', refreshToken, 7],
    ['authorization_code', code, 0],
  ] as const)('a token: %s', (kind, text, generation) => {
    const token = { grantId: id('g'), generation, nonce: id('n') }

    expect(openToken(ring, kind, text)).toMatchObject({ status: 'genuine', token })
    expect(sealToken(ring, kind, token)).toBe(text)
  })

  test('a sealed JSON value: access tokens, consent forms, marks', () => {
    expect(openJson(ring, 'consent', json)).toMatchObject({ status: 'genuine', token: ['a', 1] })
  })

  test('the sealed facts of a record', () => {
    expect(unsealFacts(ring, grantOf({ facts }))).toEqual({ subject: 'alice', scope: 'read' })
  })

  test('the proof of a code, which judges its late replays', () => {
    const binding = { codeChallenge: challenge, redirectUri: 'https://a.example/cb', redirectUriSent: true }

    expect(codeProofOf(binding)).toBe(
      'DSmbHrVIcI0EU05-BQxCe1bt-hXRNjejSEvdYbq_g4Q.l22QYPGSPWhFMG2NdMk9lZ8ZCsQFVifQhgEuOp2sT-A.1',
    )
  })

  test('the proof of an access token', () => {
    const content = {
      id: id('t'),
      grantId: id('g'),
      clientId: 'app-a',
      scope: 'read',
      audience: ['https://api.example'],
      issuedAt: 1,
      expiresAt: 901,
    }

    expect(accessProof(id('a'), content)).toBe('239saiO7TdYolek7xe9tmQ')
  })
})
