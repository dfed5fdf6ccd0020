import { ConfigurationError } from '../faults/errors.js'
import { secretStrength } from './secret-strength.js'

/**
 * Warns (`OAUTH_RATCHET_WEAK_SERVER_SECRET`) of secrets that look made up: whoever has any token of the server can try
 * guesses at its secret offline.
 *
 * @throws ConfigurationError for secrets that are missing, too short, none, or can be guessed at once
 */
export function checkSecrets(secrets: unknown): Uint8Array[] {
  if (!Array.isArray(secrets) || secrets.length === 0) {
    throw new ConfigurationError(
      'secrets.missing',
      'secrets must be a list of at least one secret of 32 random bytes.',
    )
  }
  return secrets.map((secret: unknown, index) => {
    if (secret === undefined || secret === null || secret === '') {
      throw new ConfigurationError(
        'secrets.missing',
        `secrets[${index}] is ${secret === '' ? 'empty' : String(secret)}: is the environment variable set? ` +
          'Make one with: openssl rand -base64 48',
      )
    }
    const bytes = typeof secret === 'string' ? new TextEncoder().encode(secret) : secret
    if (!(bytes instanceof Uint8Array)) {
      throw new ConfigurationError('secrets.invalid', `secrets[${index}] must be a string or bytes.`)
    }
    if (bytes.length < 32) {
      throw new ConfigurationError(
        'secrets.short',
        `secrets[${index}] has ${bytes.length} bytes and needs at least 32. Make one with: openssl rand -base64 48`,
      )
    }
    checkStrength(bytes, index)
    return bytes
  })
}

function checkStrength(secret: Uint8Array, index: number): void {
  const strength = secretStrength(secret)
  if (strength === 'strong') return
  const cure = 'Make one with: openssl rand -base64 48'
  if (strength === 'refused') {
    throw new ConfigurationError(
      'secrets.weak',
      `secrets[${index}] is a pattern or a repetition, which can be guessed at once. ${cure}`,
    )
  }
  process.emitWarning(`secrets[${index}] looks made up, and may be guessed. ${cure}`, {
    type: 'OAuthRatchetWarning',
    code: 'OAUTH_RATCHET_WEAK_SERVER_SECRET',
  })
}
