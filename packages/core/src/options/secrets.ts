import { ConfigurationError } from '../faults/errors.js'

/** @throws ConfigurationError for secrets that are missing, too short or none */
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
    return bytes
  })
}
