import { hash, timingSafeEqual } from 'node:crypto'

/** Bytes of a block of SHA-256. A key that is longer would have to be hashed first; none here is. */
const blockLength = 64
const tagLength = 32

// What is hashed is put together here, in one piece: nothing waits between writing and hashing.
const message = Buffer.alloc(blockLength + 4096)
const found = Buffer.alloc(tagLength)

/**
 * HMAC-SHA256 under one key (RFC 2104), as two calls of `crypto.hash`. `createHmac` makes a stream for each message, which
 * takes longer than the hashing of what is short, and each refresh makes five.
 */
export class Hmac {
  readonly #inner = Buffer.alloc(blockLength, 0x36)
  readonly #outer = Buffer.alloc(blockLength + tagLength, 0x5c)

  /** @param key of at most 64 bytes */
  constructor(key: Uint8Array) {
    if (key.length > blockLength) throw new RangeError('The key of an HMAC is longer than a block.')
    for (const [index, byte] of key.entries()) {
      this.#inner[index] = 0x36 ^ byte
      this.#outer[index] = 0x5c ^ byte
    }
  }

  /** The tag of a message, of 32 bytes. */
  of(text: Uint8Array | string): Buffer {
    const bytes = Buffer.allocUnsafe(tagLength)
    this.#write(typeof text === 'string' ? Buffer.from(text) : text, bytes, 0)
    return bytes
  }

  /** Writes the tag of the bytes up to `end` behind them. */
  append(bytes: Buffer, end: number): void {
    this.#write(bytes.subarray(0, end), bytes, end)
  }

  /** Whether the last 32 bytes are the tag of those before them. In constant time over the tag. */
  verifies(bytes: Buffer): boolean {
    const end = bytes.length - tagLength
    this.#write(bytes.subarray(0, end), found, 0)
    return timingSafeEqual(found, bytes.subarray(end))
  }

  #write(text: Uint8Array, target: Buffer, position: number): void {
    const length = blockLength + text.length
    const inner = length <= message.length ? message : Buffer.allocUnsafe(length)
    inner.set(this.#inner)
    inner.set(text, blockLength)
    // As latin1, one character a byte: the answer as a Buffer has memory of its own, and takes three times as long.
    this.#outer.write(hash('sha256', inner.subarray(0, length), 'binary'), blockLength, 'latin1')
    target.write(hash('sha256', this.#outer, 'binary'), position, 'latin1')
  }
}
