import { randomBytes } from 'node:crypto'

/** 384 random bits, in characters that need no escaping anywhere. */
export function newSecret(): string {
  return randomBytes(48).toString('base64url')
}
