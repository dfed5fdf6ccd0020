import { ConfigurationError } from '../faults/errors.js'
import { RecentlyUsed } from '../recently-used.js'
import type { Unsealed } from './facts.js'
import { hkdfOf } from './hkdf.js'
import { Hmac } from './hmac.js'

/** What a self-proving string is: each kind has a key of its own, so that none passes for another. */
export type TokenKind =
  'authorization_code' | 'refresh_token' | 'access_token' | 'consent' | 'reauthentication'

const tokenKinds: readonly TokenKind[] = [
  'authorization_code',
  'refresh_token',
  'access_token',
  'consent',
  'reauthentication',
]

const salt = Buffer.from('oauth-ratchet/1')

/** Everything derived from one server secret, for one realm. */
export interface Keys {
  /** Four bytes that name the secret; the same in every realm and at every place in the list. */
  readonly id: number
  readonly tag: Readonly<Record<TokenKind, Hmac>>
  /** Root of the sealing keys; each grant's own is derived from it. */
  readonly sealing: Hmac
  readonly subject: Hmac
  readonly session: Hmac
  /** Seed of the ES256 key that signs JWT access tokens. */
  readonly signingSeed: Buffer
}

/** The keys of `secrets: [current, ...older]`: the first signs and seals, all verify and unseal. */
export class KeyRing {
  readonly current: Keys
  readonly all: readonly Keys[]
  /**
   * What sealed strings were opened to lately. An API asks for the same grant with every call, and opening costs as much as
   * all the rest of that together; of a refresh it is a twelfth. Full of facts of the usual size it takes some 6 MB, and never
   * more than some 40: large ones (claims of a hundred groups) take the place of several.
   */
  readonly unsealed = new RecentlyUsed<string, Unsealed>(10_000)
  readonly #byId = new Map<number, Keys>()

  constructor(secrets: readonly Uint8Array[], realm: string) {
    this.all = secrets.map((secret) => deriveKeys(secret, realm))
    for (const keys of this.all) {
      if (this.#byId.has(keys.id)) {
        throw new ConfigurationError(
          'secrets.repeated',
          'Two of the secrets are the same: remove one of them.',
        )
      }
      this.#byId.set(keys.id, keys)
    }
    const [current] = this.all
    if (current === undefined) throw new ConfigurationError('secrets.missing', 'secrets needs at least one.')
    this.current = current
  }

  find(id: number): Keys | undefined {
    return this.#byId.get(id)
  }

  /** Keyed hash of a subject under the current secret: what its grants are stored under. */
  subjectHash(subject: string): string {
    return keyedHash(this.current.subject, subject)
  }

  /** The same under every secret: what its grants may still be stored under. */
  subjectHashes(subject: string): string[] {
    return this.all.map((keys) => keyedHash(keys.subject, subject))
  }

  sessionHash(session: string): string {
    return keyedHash(this.current.session, session)
  }

  sessionHashes(session: string): string[] {
    return this.all.map((keys) => keyedHash(keys.session, session))
  }
}

/** HMAC-SHA256 truncated to 128 bits, as 22 characters of base64url. */
export function keyedHash(key: Hmac, text: string): string {
  return key.of(text).toString('base64url', 0, 16)
}

function deriveKeys(secret: Uint8Array, realm: string): Keys {
  const hkdf = hkdfOf(secret, salt)
  const derive = (purpose: string, inRealm: string, length = 32) => hkdf(`${purpose}\n${inRealm}`, length)
  const key = (purpose: string) => new Hmac(derive(purpose, realm))
  return {
    id: derive('key id', '', 4).readUInt32BE(),
    tag: Object.fromEntries(tokenKinds.map((kind) => [kind, key(`tag ${kind}`)])) as Record<TokenKind, Hmac>,
    sealing: key('sealing'),
    subject: key('subject'),
    session: key('session'),
    signingSeed: derive('signing ES256', realm, 48),
  }
}
