import { randomBytes, randomUUID } from 'node:crypto'
import * as fc from 'fast-check'
import { secretStrength } from '../src/options/secret-strength.js'

const strengthOf = (text: string) => secretStrength(new TextEncoder().encode(text))

/** Random bytes, so many that the text has at least 32 bytes and the secret at least 128 bits. */
const bytes = (least: number) => fc.integer({ min: least, max: 64 }).map((length) => randomBytes(length))

describe('what a random source made is strong', () => {
  test.each([
    ['bytes', bytes(32)],
    ['bytes in hex', bytes(16).map((secret) => secret.toString('hex'))],
    ['bytes in HEX', bytes(16).map((secret) => secret.toString('hex').toUpperCase())],
    ['bytes in base64', bytes(24).map((secret) => secret.toString('base64'))],
    ['bytes in base64url', bytes(24).map((secret) => secret.toString('base64url'))],
    ['bytes in base32', bytes(20).map(base32)],
    ['a UUID', fc.constant(0).map(() => randomUUID())],
    ['a pair of UUIDs', fc.constant(0).map(() => `${randomUUID()}${randomUUID()}`)],
    ['a pair of UUIDs with a dash', fc.constant(0).map(() => `${randomUUID()}-${randomUUID()}`)],
    ['letters', bytes(32).map((secret) => [...secret].map((one) => letters[one % 26]).join(''))],
    ['bytes shown as numbers', bytes(16).map((secret) => [...secret].join(''))],
  ])('%s', (_, arbitrary) => {
    fc.assert(
      fc.property(arbitrary as fc.Arbitrary<Buffer | string>, (secret) => {
        expect(secretStrength(Buffer.from(secret))).toBe('strong')
      }),
      { numRuns: 300 },
    )
  })
})

const letters = 'abcdefghijklmnopqrstuvwxyz'

function base32(secret: Buffer): string {
  const bits = [...secret].map((byte) => byte.toString(2).padStart(8, '0')).join('')
  return (bits.match(/.{5}/g) ?? []).map((five) => `${letters}234567`[Number.parseInt(five, 2)]).join('')
}

describe('what has hardly any entropy is refused', () => {
  test.each([
    'password-password-password-password',
    'passwordpassword1passwordpassword2',
    'Passw0rd!Passw0rd!Passw0rd!Passw0rd!',
    'changeme changeme changeme changeme',
    'admin-secret-admin-secret-admin-secret',
    'secret-Secret-SECRET-secret-Secret-SECRET',
    'hunter2hunter2hunter2hunter2hunter2',
    '0123456789abcdef0123456789abcdef',
    'abcdefghijklmnopqrstuvwxyz012345',
    '1234567890123456789012345678901234567890',
    '00000000-0000-0000-0000-000000000000',
    'qwertyuiopasdfghjklzxcvbnm123456',
    'deadbeefdeadbeefdeadbeefdeadbeef',
    'abababbabaabbaabababbabaababbababab',
    '2024-01-01-2024-01-01-2024-01-01',
  ])('%s', (secret) => {
    expect(strengthOf(secret)).toBe('refused')
  })

  test('one byte, or a row of bytes, however long', () => {
    expect(secretStrength(new Uint8Array(32).fill(7))).toBe('refused')
    expect(secretStrength(new Uint8Array(1_000_000))).toBe('refused')
    expect(secretStrength(Uint8Array.from({ length: 64 }, (_, index) => index))).toBe('refused')
  })

  test('any short text over and over', () => {
    fc.assert(
      fc.property(fc.string({ minLength: 1, maxLength: 8 }), (text) => {
        expect(strengthOf(text.repeat(Math.ceil(36 / text.length)))).toBe('refused')
      }),
      { numRuns: 300 },
    )
  })
})

describe('what looks made up is weak', () => {
  test.each([
    'correct-horse-battery-staple-for-me',
    'a secret for this server that is long enough',
    'please-change-this-secret-in-production',
    'My Super Secret Key 2024, do not share',
    'passwordPASSWORDpasswordPASSWORD',
  ])('%s', (secret) => {
    expect(strengthOf(secret)).toBe('weak')
  })

  test('but not a passphrase of ten words, which are as many as 128 bits need', () => {
    expect(strengthOf('gravel onion planet tusk marble evict sandal prism unload cobweb')).toBe('strong')
    expect(strengthOf('gravel onion planet tusk marble evict sandal prism unload')).toBe('weak')
  })
})
