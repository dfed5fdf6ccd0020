import { randomBytes } from '../ratchet/random.js'
import type { ClientWithSecret } from './registered-client.js'

/** From the alphabet that raw and form-encoded Basic read the same way. */
export function newSecret(): string {
  return randomBytes(32).toString('base64url')
}

/** What the answer that shows a secret has of it (RFC 7591 §3.2.1). */
export function shown(
  secret: string | undefined,
): Pick<ClientWithSecret, 'client_secret' | 'client_secret_expires_at'> {
  return secret === undefined ? {} : { client_secret: secret, client_secret_expires_at: 0 }
}
