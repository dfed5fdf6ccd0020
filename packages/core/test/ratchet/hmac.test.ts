import * as fc from 'fast-check'
import { createHmac } from 'node:crypto'
import { Hmac } from '../../src/ratchet/hmac.js'

const keys = fc.uint8Array({ maxLength: 64 })
const messages = fc.uint8Array({ maxLength: 300 })
const asNode = (key: Uint8Array, message: Uint8Array | string) =>
  createHmac('sha256', key).update(message).digest()

describe('an HMAC', () => {
  test("is Node's own, for every key up to a block and every message", () => {
    fc.assert(
      fc.property(keys, messages, (key, message) => {
        expect(new Hmac(key).of(message)).toEqual(asNode(key, message))
      }),
      { numRuns: 1000 },
    )
  })

  // Test case 2 of RFC 4231.
  test('is that of the standard', () => {
    expect(new Hmac(Buffer.from('Jefe')).of('what do ya want for nothing?').toString('hex')).toBe(
      '5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843',
    )
  })

  test.each([4095, 4096, 4097, 100_000])('of %i bytes is right too, and so is the next one', (length) => {
    const key = Buffer.alloc(32, 7)
    const hmac = new Hmac(key)

    expect(hmac.of(Buffer.alloc(length, 1))).toEqual(asNode(key, Buffer.alloc(length, 1)))
    expect(hmac.of('short')).toEqual(asNode(key, 'short'))
  })

  test('of text is that of its UTF-8', () => {
    expect(new Hmac(Buffer.alloc(32)).of('ä€𝄞')).toEqual(asNode(Buffer.alloc(32), 'ä€𝄞'))
  })

  test('stands behind its message, and is known there; a message or a tag with one bit changed is not', () => {
    fc.assert(
      fc.property(messages, fc.nat(), (message, place) => {
        const hmac = new Hmac(Buffer.alloc(32, 9))
        const bytes = Buffer.concat([message, Buffer.alloc(32)])
        hmac.append(bytes, message.length)
        expect(hmac.verifies(bytes)).toBe(true)

        const at = place % bytes.length
        bytes.writeUInt8(bytes.readUInt8(at) ^ (1 << (place % 8)), at)
        expect(hmac.verifies(bytes)).toBe(false)
      }),
    )
  })

  test('takes no key longer than a block, which the standard would hash first', () => {
    expect(() => new Hmac(Buffer.alloc(65))).toThrow(RangeError)
  })
})
