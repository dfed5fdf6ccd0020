import { scrypt, timingSafeEqual } from 'node:crypto'
import { promisify } from 'node:util'

interface PasswordHash {
  readonly salt: string
  readonly hash: string
}

/** Passwords as scrypt hashes, though these two are no secret: alice / wonderland and bob / builder. */
const users: ReadonlyMap<string, PasswordHash> = new Map([
  ['alice', { salt: 'KeRfA5LLyGKv0z4MUEbOJg', hash: 'ld_lYniS-wVMSL_l_JQv8YwHNMduJug32M3ke5OxARI' }],
  ['bob', { salt: 'HrxOmWnKFQm4hO9X5Hre3A', hash: 'Prwlp8xtzZ3PcV-qEDYQZeEf0MJydn8M8fv2_Rf6oC4' }],
])

/** Stands in for an unknown user, so that the time taken does not tell which users there are. */
const nobody: PasswordHash = { salt: 'AAAAAAAAAAAAAAAAAAAAAA', hash: 'A'.repeat(43) }

const derive = promisify<string, Buffer, number, Buffer>(scrypt)

/** The subject whose password this is; undefined when there is none. Takes one scrypt either way. */
export async function checkPassword(username: string, password: string): Promise<string | undefined> {
  // Nobody's password is that long, and hashing it is work that anybody could cause.
  if (password.length > 1024) return undefined
  // PBKDF2, which scrypt begins with, takes a password and the same with zero bytes behind it for one.
  if (/\p{Cc}/u.test(username + password)) return undefined
  const known = users.get(username)
  const { salt, hash } = known ?? nobody
  const derived = await derive(password, Buffer.from(salt, 'base64url'), 32)
  const same = timingSafeEqual(derived, Buffer.from(hash, 'base64url'))
  return same && known !== undefined ? username : undefined
}
