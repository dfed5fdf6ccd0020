import * as fc from 'fast-check'
import { KeyRing } from '../../src/ratchet/secrets.js'
import type { TokenKind } from '../../src/ratchet/secrets.js'
import { openJson, openToken, prefixOf, sealJson, sealToken } from '../../src/ratchet/token-codec.js'
import type { RatchetTokenKind } from '../../src/ratchet/token-codec.js'
import { id } from '../setup/records.js'

const bytes = (text: string) => new TextEncoder().encode(text.padEnd(40, '.'))
const ring = new KeyRing([bytes('one')], 'https://auth.example.com')
const token = { grantId: id('g'), generation: 7, nonce: id('n') }
const genuine = sealToken(ring, 'refresh_token', token)

const ids = fc
  .uint8Array({ minLength: 16, maxLength: 16 })
  .map((value) => Buffer.from(value).toString('base64url'))
const contents = fc.record({ grantId: ids, generation: fc.nat().map((n) => n * 65_536), nonce: ids })
const kinds = fc.constantFrom<RatchetTokenKind>('authorization_code', 'refresh_token')
const many = { numRuns: 2000 }

/** What a newer version of this software might have made under the same secret: whatever it means by it. */
function laterVersion(kind: TokenKind, tagged: Buffer): string {
  const body = Buffer.from(tagged.subarray(0, -32))
  body[0] = 2
  return Buffer.concat([body, ring.current.tag[kind].of(body)]).toString('base64url')
}

describe('a ratchet token', () => {
  test('says what it was made of, whatever that was', () => {
    fc.assert(
      fc.property(contents, kinds, (content, kind) => {
        const opened = openToken(ring, kind, sealToken(ring, kind, content))

        expect(opened).toEqual({ status: 'genuine', token: content, keys: ring.current })
      }),
    )
  })

  test('carries generations up to 48 bits', () => {
    const last = { ...token, generation: 2 ** 48 - 1 }

    expect(openToken(ring, 'refresh_token', sealToken(ring, 'refresh_token', last))).toMatchObject({
      token: last,
    })
  })

  test('is the same every time it is computed: a retry gets the same successor', () => {
    expect(sealToken(ring, 'refresh_token', token)).toBe(genuine)
  })

  test('has a prefix that says its kind, and only characters that travel anywhere (H13)', () => {
    expect(genuine).toMatch(/^orr_[\w-]{100}$/)
    expect(sealToken(ring, 'authorization_code', token)).toMatch(/^orc_[\w-]{100}$/)
  })
})

describe('a token that was tampered with is refused (R2, R27)', () => {
  test('any flipped bit', () => {
    const body = Buffer.from(genuine.slice(4), 'base64url')
    for (let bit = 0; bit < body.length * 8; bit++) {
      const flipped = Buffer.from(body)
      flipped[bit >> 3] = (flipped[bit >> 3] ?? 0) ^ (1 << (bit & 7))

      const opened = openToken(ring, 'refresh_token', `orr_${flipped.toString('base64url')}`)

      expect(opened.status).not.toBe('genuine')
    }
  })

  test('any other character at any place', () => {
    fc.assert(
      fc.property(
        fc.nat({ max: genuine.length - 1 }),
        fc.string({ minLength: 1, maxLength: 1, unit: 'binary' }),
        (at, character) => {
          fc.pre(genuine[at] !== character)
          const changed = genuine.slice(0, at) + character + genuine.slice(at + 1)

          expect(openToken(ring, 'refresh_token', changed).status).not.toBe('genuine')
        },
      ),
      many,
    )
  })

  test('cut anywhere, or longer', () => {
    for (let length = 0; length < genuine.length; length++) {
      expect(openToken(ring, 'refresh_token', genuine.slice(0, length)).status).toBe('forged')
      expect(openToken(ring, 'refresh_token', genuine.slice(length + 1)).status).toBe('forged')
    }
    for (const more of ['A', '=', ' ', '\n', genuine, 'A'.repeat(100_000)]) {
      expect(openToken(ring, 'refresh_token', genuine + more).status).toBe('forged')
      expect(openToken(ring, 'refresh_token', more + genuine).status).toBe('forged')
    }
  })

  test('anything at all of the right length', () => {
    fc.assert(
      fc.property(fc.uint8Array({ minLength: 75, maxLength: 75 }), (body) => {
        const made = `orr_${Buffer.from(body).toString('base64url')}`

        expect(openToken(ring, 'refresh_token', made).status).not.toBe('genuine')
      }),
      many,
    )
  })

  test('any text', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary', maxLength: 300 }), kinds, (text, kind) => {
        expect(openToken(ring, kind, text).status).toBe('forged')
        expect(openToken(ring, kind, prefixOf[kind] + text).status).not.toBe('genuine')
      }),
      many,
    )
  })

  test('another spelling of the same bytes: decoding is strict', () => {
    // The nonce stands in it as it is, and has both characters in which the two alphabets differ.
    const text = sealToken(ring, 'refresh_token', { ...token, nonce: '-_'.repeat(10) + '-A' })
    const body = text.slice(4)
    expect(openToken(ring, 'refresh_token', text).status).toBe('genuine')
    const same = [
      body.replaceAll('-', '+').replaceAll('_', '/'),
      body.replaceAll('-', '+'),
      body.replace('_', '/'),
    ]
    const almost = [
      `${body.slice(0, 50)} ${body.slice(51)}`,
      `${body.slice(0, 99)}=`,
      `${body.slice(0, 98)}==`,
    ]

    for (const spelling of same) {
      expect(spelling).not.toBe(body)
      expect(Buffer.from(spelling, 'base64url')).toEqual(Buffer.from(body, 'base64url'))
    }
    for (const spelling of [...same, ...almost]) {
      expect(openToken(ring, 'refresh_token', `orr_${spelling}`).status).toBe('forged')
    }
  })

  test('letters of the other case: they are other bytes', () => {
    const body = genuine.slice(4)
    // Version and key id are in the first seven characters: with them as they are it is the tag that does not fit.
    const head = body.slice(0, 7)
    const rest = body.slice(7)
    expect([rest.toUpperCase(), rest.toLowerCase()]).not.toContain(rest)

    for (const other of [rest.toUpperCase(), rest.toLowerCase()]) {
      expect(openToken(ring, 'refresh_token', `orr_${head}${other}`).status).toBe('forged')
    }
    for (const other of [body.toUpperCase(), body.toLowerCase()]) {
      expect(openToken(ring, 'refresh_token', `orr_${other}`).status).not.toBe('genuine')
    }
    expect(openToken(ring, 'refresh_token', `ORR_${body}`).status).toBe('forged')
  })
})

describe('a genuine token of something else is refused', () => {
  test('made under another secret: the key is named as unknown', () => {
    fc.assert(
      fc.property(contents, fc.string(), (content, text) => {
        const other = new KeyRing([bytes(`other ${text}`)], 'https://auth.example.com')
        const opened = openToken(ring, 'refresh_token', sealToken(other, 'refresh_token', content))

        expect(opened).toEqual({
          status: 'unknown_key',
          keyId: expect.stringMatching(/^[0-9a-f]{8}$/) as string,
        })
      }),
    )
  })

  test('re-keyed: with the key id of a known secret and the tag of another', () => {
    const other = new KeyRing([bytes('other')], 'https://auth.example.com')
    const foreign = Buffer.from(sealToken(other, 'refresh_token', token).slice(4), 'base64url')
    foreign.writeUInt32BE(ring.current.id, 1)

    expect(openToken(ring, 'refresh_token', `orr_${foreign.toString('base64url')}`).status).toBe('forged')
  })

  test('a code shown as a refresh token and the other way round, prefix changed or not', () => {
    const code = sealToken(ring, 'authorization_code', token)

    expect(openToken(ring, 'refresh_token', code).status).toBe('forged')
    expect(openToken(ring, 'refresh_token', `orr_${code.slice(4)}`).status).toBe('forged')
    expect(openToken(ring, 'authorization_code', `orc_${genuine.slice(4)}`).status).toBe('forged')
  })

  test('of another realm with the same secret (R31)', () => {
    const tenant = new KeyRing([bytes('one')], 'https://tenant.example.com')

    expect(openToken(tenant, 'refresh_token', genuine).status).toBe('forged')
  })

  test('of a later version of the format, with a tag that fits', () => {
    const later = laterVersion('refresh_token', Buffer.from(genuine.slice(4), 'base64url'))

    expect(openToken(ring, 'refresh_token', `orr_${later}`).status).toBe('forged')
  })
})

describe('a sealed JSON value', () => {
  const value = ['a', 1, { b: null }, 'é']
  const sealed = sealJson(ring, 'consent', value)

  test('comes back as it was', () => {
    fc.assert(
      fc.property(fc.array(fc.jsonValue()), (json) => {
        const opened = openJson(ring, 'consent', sealJson(ring, 'consent', json))

        expect(JSON.stringify(opened.status === 'genuine' && opened.token)).toBe(JSON.stringify(json))
      }),
    )
  })

  test('is refused with any flipped bit, cut anywhere, or spelled otherwise', () => {
    const body = Buffer.from(sealed, 'base64url')
    for (let bit = 0; bit < body.length * 8; bit++) {
      const flipped = Buffer.from(body)
      flipped[bit >> 3] = (flipped[bit >> 3] ?? 0) ^ (1 << (bit & 7))
      expect(openJson(ring, 'consent', flipped.toString('base64url')).status).not.toBe('genuine')
    }
    for (let length = 0; length < sealed.length; length++) {
      expect(openJson(ring, 'consent', sealed.slice(0, length)).status).toBe('forged')
    }
    for (const spelling of [`${sealed}=`, ` ${sealed}`, `${sealed}\n`, `${sealed}A`]) {
      expect(openJson(ring, 'consent', spelling).status).toBe('forged')
    }
  })

  test('is refused as any other kind, under another secret and in another realm', () => {
    const kindsOfJson: TokenKind[] = [
      'access_token',
      'reauthentication',
      'refresh_token',
      'authorization_code',
    ]
    for (const kind of kindsOfJson) expect(openJson(ring, kind, sealed).status).toBe('forged')
    const elsewhere = new KeyRing([bytes('one')], 'https://tenant.example.com')
    expect(openJson(elsewhere, 'consent', sealed).status).toBe('forged')
    const other = new KeyRing([bytes('other')], 'https://auth.example.com')
    expect(openJson(other, 'consent', sealed).status).toBe('unknown_key')
  })

  test('of a later version of the format is refused, with a tag that fits', () => {
    const later = laterVersion('consent', Buffer.from(sealed, 'base64url'))

    expect(openJson(ring, 'consent', later).status).toBe('forged')
  })

  test('never throws, whatever comes in', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary', maxLength: 200 }), (text) => {
        expect(openJson(ring, 'access_token', text).status).not.toBe('genuine')
      }),
      many,
    )
  })
})
