import { randomFillSync } from 'node:crypto'

// One call to the system for many values: a call costs 20 times what a slice does, and a refresh needs four.
const pool = Buffer.alloc(8192)
let used = pool.length

/** So many bytes from the system's generator, as a copy that nothing else holds. */
export function randomBytes(length: number): Buffer {
  if (used + length > pool.length) {
    randomFillSync(pool)
    used = 0
  }
  const bytes = Buffer.from(pool.subarray(used, used + length))
  // What was handed out does not stay behind in the pool.
  pool.fill(0, used, used + length)
  used += length
  return bytes
}

/** 128 random bits as 22 characters of base64url: grant ids, nonces, owners of marks. */
export function randomId(): string {
  return randomBytes(16).toString('base64url')
}
