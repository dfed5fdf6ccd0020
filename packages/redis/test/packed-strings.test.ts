import { randomBytes } from 'node:crypto'

import { array, assert, oneof, option, property, string, uint8Array } from 'fast-check'

import { packStrings, unpackStrings } from '../src/packed-strings.js'

const base64url = uint8Array({ maxLength: 80 }).map((bytes) => Buffer.from(bytes).toString('base64url'))
const text = oneof(
  string({ unit: 'grapheme', maxLength: 80 }),
  base64url,
  // Almost base64url: the same characters, but not what bytes encode to.
  base64url.map((encoded) => `${encoded}B`),
  string({ unit: 'grapheme', minLength: 200, maxLength: 400 }),
)
const strings = array(option(text, { nil: undefined }), { maxLength: 16 })

describe('packed strings', () => {
  it('are unpacked as they were, whatever is in them', () => {
    assert(
      property(strings, (given) => {
        expect(unpackStrings(packStrings(given))).toEqual(given)
      }),
    )
  })

  it('are equal exactly where the strings are', () => {
    assert(
      property(text, text, (one, other) => {
        expect(packStrings([one]).equals(packStrings([other]))).toBe(one === other)
      }),
    )
  })

  it.each([0, 15, 16, 31, 32, 255, 256, 65_535, 65_536])('of %i characters come back', (length) => {
    const given = 'é'.repeat(length)
    expect(unpackStrings(packStrings([given, undefined, 'x'.repeat(length)]))).toEqual([
      given,
      undefined,
      'x'.repeat(length),
    ])
  })

  it('hold an id of 128 bits in 18 bytes', () => {
    expect(packStrings([randomBytes(16).toString('base64url')])).toHaveLength(18)
  })

  it('that are cut off, or none, are refused', () => {
    const whole = packStrings(['one', 'two '.repeat(50)])
    expect(() => unpackStrings(whole.subarray(0, -1))).toThrow(TypeError)
    expect(() => unpackStrings(Buffer.from([0x93, 1, 2, 3]))).toThrow(TypeError)
  })
})
