import { randomFillSync } from 'node:crypto'

// One call to the system for many values: a call costs 20 times what a slice does, and a refresh needs four.
const pool = Buffer.alloc(8192)
let used = pool.length

/** So many bytes from the system's generator, as a copy that nothing else holds. */
export function randomBytes(length: number): Buffer {
  const end = reserve(length)
  const bytes = Buffer.from(pool.subarray(end - length, end))
  forget(end - length, end)
  return bytes
}

/** 128 random bits as 22 characters of base64url: grant ids, nonces, owners of marks. */
export function randomId(): string {
  const end = reserve(16)
  const id = pool.toString('base64url', end - 16, end)
  forget(end - 16, end)
  return id
}

/** @returns where the bytes end that nobody else gets */
function reserve(length: number): number {
  if (used + length > pool.length) {
    randomFillSync(pool)
    used = 0
  }
  used += length
  return used
}

// What was handed out does not stay behind in the pool.
function forget(start: number, end: number): void {
  for (let index = start; index < end; index++) pool[index] = 0
}
