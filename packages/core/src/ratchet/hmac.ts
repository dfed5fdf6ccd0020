import { hash, timingSafeEqual } from 'node:crypto'

/** Bytes of a block of SHA-256. A key that is longer would have to be hashed first; none here is. */
const blockLength = 64
const tagLength = 32
/** A UTF-16 code unit is three bytes of UTF-8 at most. */
const longestUnit = 3

// What is hashed is put together here, in one piece: nothing waits between writing and hashing.
const message = Buffer.alloc(blockLength + 4096)
const found = Buffer.alloc(tagLength)

/** The padded key of RFC 2104: once before the message, and once before the hash of that, whose place is left free. */
interface Pads {
  readonly inner: Buffer
  readonly outer: Buffer
}

/**
 * HMAC-SHA256 under one key (RFC 2104), as two calls of `crypto.hash`. `createHmac` makes a stream for each message, which
 * takes longer than the hashing of what is short, and each refresh makes four.
 */
export class Hmac {
  readonly #pads = emptyPads()

  /** @param key of at most 64 bytes */
  constructor(key: Uint8Array) {
    fillPads(this.#pads, key)
  }

  /** The tag of a message, of 32 bytes. */
  of(text: Uint8Array | string): Buffer {
    return tagOf(this.#pads, text)
  }

  /** Writes the tag of the bytes up to `end` behind them. */
  append(bytes: Buffer, end: number): void {
    writeTag(this.#pads, bytes.subarray(0, end), bytes, end)
  }

  /** Whether the last 32 bytes are the tag of those before them. In constant time over the tag. */
  verifies(bytes: Buffer): boolean {
    const end = bytes.length - tagLength
    writeTag(this.#pads, bytes.subarray(0, end), found, 0)
    return timingSafeEqual(found, bytes.subarray(end))
  }
}

const padsOfOnce = emptyPads()

/** The tag of one message under a key that is used once, of at most 64 bytes. */
export function hmacOnce(key: Uint8Array, text: Uint8Array | string): Buffer {
  fillPads(padsOfOnce, key)
  return tagOf(padsOfOnce, text)
}

function emptyPads(): Pads {
  return { inner: Buffer.alloc(blockLength), outer: Buffer.alloc(blockLength + tagLength) }
}

function fillPads({ inner, outer }: Pads, key: Uint8Array): void {
  if (key.length > blockLength) throw new RangeError('The key of an HMAC is longer than a block.')
  for (let index = 0; index < blockLength; index++) {
    const byte = key[index] ?? 0
    inner[index] = 0x36 ^ byte
    outer[index] = 0x5c ^ byte
  }
}

function tagOf(pads: Pads, text: Uint8Array | string): Buffer {
  const bytes = Buffer.allocUnsafe(tagLength)
  if (typeof text !== 'string') writeTag(pads, text, bytes, 0)
  else if (blockLength + text.length * longestUnit > message.length)
    writeTag(pads, Buffer.from(text), bytes, 0)
  else writeTagOfMessage(pads, message, blockLength + message.write(text, blockLength), bytes, 0)
  return bytes
}

function writeTag(pads: Pads, text: Uint8Array, target: Buffer, position: number): void {
  const length = blockLength + text.length
  const whole = length <= message.length ? message : Buffer.allocUnsafe(length)
  whole.set(text, blockLength)
  writeTagOfMessage(pads, whole, length, target, position)
}

/** @param whole the message, with room for a block before it */
function writeTagOfMessage(
  { inner, outer }: Pads,
  whole: Buffer,
  length: number,
  target: Buffer,
  position: number,
): void {
  whole.set(inner)
  // As latin1, one character a byte: the answer as a Buffer has memory of its own, and takes three times as long.
  outer.write(hash('sha256', whole.subarray(0, length), 'binary'), blockLength, 'latin1')
  target.write(hash('sha256', outer, 'binary'), position, 'latin1')
}
