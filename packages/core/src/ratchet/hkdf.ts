import { Hmac, hmacOnce } from './hmac.js'

/**
 * Derives keys of one secret by HKDF with SHA-256, as `crypto.hkdfSync` does. That one makes an object of the runtime's own for
 * each key, which `jest --detectOpenHandles` may take for work that is still under way in the tests of an app.
 *
 * @param salt of at most 64 bytes
 * @returns a function of the purpose and the length in bytes, at most 8160
 * @see https://www.rfc-editor.org/rfc/rfc5869#section-2
 */
export function hkdfOf(secret: Uint8Array, salt: Uint8Array): (info: string, length: number) => Buffer {
  const expand = new Hmac(hmacOnce(salt, secret))
  return (info, length) => {
    const blocks: Buffer[] = []
    let block: Buffer = Buffer.alloc(0)
    for (let count = 1; blocks.length * 32 < length; count++) {
      block = expand.of(Buffer.concat([block, Buffer.from(info), Buffer.of(count)]))
      blocks.push(block)
    }
    return Buffer.concat(blocks, length)
  }
}
