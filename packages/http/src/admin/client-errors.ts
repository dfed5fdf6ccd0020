import { isClientChangeError, OAuthError } from '@oauth-ratchet/core'
import type { ClientChangeProblem } from '@oauth-ratchet/core'

/**
 * Runs a change of a client, and throws what it refuses as an answer. The core's own messages quote what was given, which
 * may be a secret in the wrong place: the answer has the code alone.
 *
 * @param otherRangeError what stands for another `RangeError`
 * @throws OAuthError 400 `invalid_client_metadata` or `invalid_redirect_uri` with the code `clients.…` of the metadata that
 *   cannot work (RFC 7591 §3.2.2), 409 for a `client_id` that is taken and for a client of the configuration
 */
export async function explainClientErrors<Result>(
  change: () => Promise<Result>,
  otherRangeError?: () => OAuthError,
): Promise<Result> {
  try {
    return await change()
  } catch (error) {
    if (isClientChangeError(error)) {
      const [status, description] = answers[error.problem]
      throw new OAuthError('invalid_client_metadata', description, { status, cause: error })
    }
    if (isMetadataError(error)) {
      const aboutUri = error.code === 'clients.redirect_uris'
      throw new OAuthError(aboutUri ? 'invalid_redirect_uri' : 'invalid_client_metadata', error.code, {
        cause: error,
      })
    }
    if (error instanceof RangeError && otherRangeError !== undefined) throw otherRangeError()
    throw error
  }
}

const answers: Readonly<Record<ClientChangeProblem, readonly [status: number, description: string]>> = {
  taken: [409, 'client_id: there is a client of that id already.'],
  configured: [409, 'This client is one of the configuration, and is changed there.'],
  public: [400, 'This client is public and has no secret.'],
}

// By its name: an app may have loaded both copies of the core.
function isMetadataError(error: unknown): error is Error & { readonly code: string } {
  if (!(error instanceof Error) || error.name !== 'ConfigurationError' || !('code' in error)) return false
  return typeof error.code === 'string' && error.code.startsWith('clients.')
}
