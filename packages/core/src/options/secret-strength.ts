/** Bits below which nobody has to guess long: a pattern, or a short text over and over. */
const hardlyAny = { inAll: 64, perByte: 2 }
/** What random bytes in any encoding have at the very least by the estimate below, decimal digits included. */
const few = { inAll: 90, perByte: 2.8 }
/** A word of a list of 7,776, as passphrases are made of. */
const bitsOfWord = 13
const bitsOfStep = 0.1

const keyboardRows = ['qwertyuiop', 'asdfghjkl', 'zxcvbnm', 'qwertzuiop', 'yxcvbnm', 'azertyuiop']

/**
 * How hard a secret of at least 22 bytes is to guess for somebody who knows how people make them up. `refused`: repetition, a
 * sequence, or few distinct characters. `weak`: words, or less than 128 bits for another reason.
 *
 * An upper bound by looking at it, so that `strong` proves nothing; but what a random source made is `strong`, in
 * whatever encoding.
 */
export function secretStrength(whole: Uint8Array): 'strong' | 'weak' | 'refused' {
  // Enough to tell, of a secret of any length.
  const secret = whole.subarray(0, 256)
  const bits = estimatedBits(secret)
  const isBelow = ({ inAll, perByte }: typeof few) => bits < Math.min(inAll, perByte * secret.length)
  if (isBelow(hardlyAny)) return 'refused'
  const words = wordsOf(secret)
  const distinct = new Set(words).size * bitsOfWord
  if (words !== undefined && distinct < words.length * bitsOfWord && distinct < hardlyAny.inAll)
    return 'refused'
  return isBelow(few) || (words !== undefined && distinct < 128) ? 'weak' : 'strong'
}

/**
 * The bits that it takes to write the secret down, from left to right: a byte costs as many as tell the secret's distinct
 * bytes apart; one that goes on with a sequence next to nothing; what was there before is pointed to, where that is cheaper.
 */
function estimatedBits(secret: Uint8Array): number {
  const bytes = Buffer.from(secret)
  const bitsOfByte = Math.log2(Math.max(2, new Set(bytes).size))
  const bitsOfCopy = 2 * Math.log2(bytes.length)
  let bits = 0
  for (let at = 0; at < bytes.length;) {
    const copied = lengthOfCopy(bytes, at)
    if (bitsOfCopy < copied * bitsOfByte) {
      bits += bitsOfCopy
      at += copied
    } else {
      bits += continuesSequence(bytes, at) ? bitsOfStep : bitsOfByte
      at += 1
    }
  }
  return bits
}

/** How much of what follows was there before. The copy may overlap what it makes, as in any run of one byte. */
function lengthOfCopy(bytes: Buffer, at: number): number {
  let longest = 0
  for (let from = 0; from < at; from++) {
    let length = 0
    while (at + length < bytes.length && bytes[from + length] === bytes[at + length]) length += 1
    longest = Math.max(longest, length)
  }
  return longest
}

/** Whether a byte goes on as the two before it did: the same, one up, one down, or along a row of the keyboard. */
function continuesSequence(bytes: Buffer, at: number): boolean {
  if (at < 2) return false
  const [a = 0, b = 0, c = 0] = bytes.subarray(at - 2, at + 1)
  if (c - b === b - a && Math.abs(c - b) <= 1) return true
  const three = String.fromCharCode(a, b, c).toLowerCase()
  return keyboardRows.some((row) => row.includes(three))
}

/**
 * The words of a secret that is nothing but words, with digits behind them perhaps; undefined where a piece of it is no
 * word or too long for one. A random string that splits into such pieces is practically none.
 */
function wordsOf(secret: Uint8Array): string[] | undefined {
  const pieces = Buffer.from(secret)
    .toString('latin1')
    .split(/[ _.,:;!?/'+-]+/)
    .filter((piece) => piece !== '')
  const isWords = pieces.every((piece) => /^([a-z]{0,15}|[A-Z][a-z]{1,14}|[A-Z]{1,15})\d{0,4}$/.test(piece))
  return isWords && pieces.length > 1 ? pieces.map((piece) => piece.toLowerCase()) : undefined
}
