/**
 * Strings, and the numbers among a script's parameters, in MessagePack, as Redis's Lua reads and writes it; nil where there is
 * none. Ids, nonces, hashes and sealed strings are base64url, and kept as the bytes they stand for, a quarter less: a string
 * of bytes begins with 0xff, which no text in UTF-8 does. Equal strings are packed equally, so that scripts can compare
 * without unpacking.
 *
 * Written for speed, in one pass and one buffer: every refresh packs and unpacks some twenty strings.
 */
const BYTES = 0xff
const NIL = 0xc0
const DOUBLE = 0xcb

/** Nothing but whole characters of base64url, and the unused bits of the last one zero: it encodes back to itself. */
const BASE64URL = /^(?:[\w-]{4})*(?:[\w-][AQgw]|[\w-]{2}[AEIMQUYcgkosw048])?$/

/** Shorter ones are names, and stay readable for people. */
const MIN_PACKED_LENGTH = 16

/** What stands before a string at most. */
const MAX_HEAD_LENGTH = 5

/** @param reserve bytes to leave free at the beginning, for the caller to fill */
export function packStrings(strings: readonly (string | undefined)[], reserve = 0): Buffer {
  return packValues(strings, reserve)
}

/**
 * The parameters of a script as one: the client of Redis and the server take longer for each that comes by itself. Numbers
 * among them stay exactly what they are here; null, no limit, is nil.
 */
export function packValues(values: readonly (string | number | null | undefined)[], reserve = 0): Buffer {
  let room = reserve
  // A UTF-16 code unit is three bytes of UTF-8 at most; a number has nine bytes.
  for (const value of values) room += MAX_HEAD_LENGTH + (typeof value === 'string' ? value.length * 3 : 4)
  const bytes = Buffer.allocUnsafe(room)
  let end = reserve
  for (const value of values) {
    if (value === undefined || value === null) end = bytes.writeUInt8(NIL, end)
    else if (typeof value === 'number') end = bytes.writeDoubleBE(value, bytes.writeUInt8(DOUBLE, end))
    else if (isBase64url(value)) end = writeBytes(bytes, value, end)
    else end = writeText(bytes, value, end)
  }
  return bytes.subarray(0, end)
}

/** The strings from `start` to the end. */
export function unpackStrings(bytes: Buffer, start = 0): (string | undefined)[] {
  const strings: (string | undefined)[] = []
  let position = start
  while (position < bytes.length) {
    const head = bytes.readUInt8(position)
    position += 1
    if (head === NIL) {
      strings.push(undefined)
      continue
    }
    let length = head - 0xa0
    if (head < 0xa0 || head > 0xbf) {
      const size = lengthSizeOf(head)
      length = bytes.readUIntBE(position, size)
      position += size
    }
    const end = position + length
    if (end > bytes.length) throw new TypeError('Packed strings are cut off')
    strings.push(
      bytes[position] === BYTES && length > 0
        ? bytes.toString('base64url', position + 1, end)
        : bytes.toString('utf8', position, end),
    )
    position = end
  }
  return strings
}

function isBase64url(text: string): boolean {
  return text.length >= MIN_PACKED_LENGTH && BASE64URL.test(text)
}

function writeBytes(bytes: Buffer, text: string, position: number): number {
  const start = writeHead(bytes, 1 + Math.floor((text.length * 3) / 4), position)
  bytes[start] = BYTES
  return start + 1 + bytes.write(text, start + 1, 'base64url')
}

function writeText(bytes: Buffer, text: string, position: number): number {
  const start = writeHead(bytes, Buffer.byteLength(text), position)
  return start + bytes.write(text, start)
}

function writeHead(bytes: Buffer, length: number, position: number): number {
  if (length < 0x20) return bytes.writeUInt8(0xa0 + length, position)
  const size = length < 0x100 ? 1 : length < 0x1_0000 ? 2 : 4
  bytes.writeUInt8(size === 1 ? 0xd9 : size === 2 ? 0xda : 0xdb, position)
  return bytes.writeUIntBE(length, position + 1, size)
}

function lengthSizeOf(head: number): number {
  if (head === 0xd9) return 1
  if (head === 0xda) return 2
  if (head === 0xdb) return 4
  throw new TypeError(`Packed strings have no head 0x${head.toString(16)}`)
}
