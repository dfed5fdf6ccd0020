import { ClientError } from './errors.js'
import type { KnownServer } from './session/session-state.js'

/** The members of RFC 8414 metadata that this package reads. */
export interface ServerMetadata {
  readonly issuer: string
  readonly token_endpoint: string
  readonly authorization_endpoint?: string
  readonly revocation_endpoint?: string
  /** Of ours: the token endpoint takes an `Idempotency-Key` header, from other origins too. */
  readonly idempotency_key_supported?: boolean
  readonly [member: string]: unknown
}

/**
 * The server's metadata, looked for at the URL of RFC 8414 and then at that of OpenID Connect Discovery.
 *
 * @throws ClientError `unavailable` for no answer, `configuration` for metadata of another issuer
 * @see https://www.rfc-editor.org/rfc/rfc8414#section-3
 */
export async function discover(issuer: string, fetcher: typeof fetch): Promise<ServerMetadata> {
  // Not by URL, whose parts React Native's own does not have.
  const [, origin = '', path = ''] = /^(https?:\/\/[^/]+)(.*?)\/?$/.exec(issuer) ?? []
  const urls = [
    `${origin}/.well-known/oauth-authorization-server${path}`,
    `${origin}${path}/.well-known/openid-configuration`,
  ]
  let failure: unknown
  for (const url of urls) {
    try {
      const response = await fetcher(url, { headers: { accept: 'application/json' } })
      if (!response.ok) throw new Error(`${url} answered ${response.status}.`)
      return checked((await response.json()) as ServerMetadata, issuer)
    } catch (error) {
      if (error instanceof ClientError) throw error
      failure ??= error
    }
  }
  throw new ClientError('unavailable', `The metadata of ${issuer} could not be read.`, { cause: failure })
}

// A server that says to be another one would be sent the first one's tokens (RFC 8414 §3.3).
function checked(metadata: ServerMetadata, issuer: string): ServerMetadata {
  if (metadata.issuer === issuer && typeof metadata.token_endpoint === 'string') return metadata
  throw new ClientError(
    'configuration',
    `The metadata found are not those of ${issuer}: compare the issuer exactly.`,
  )
}

/** What a session remembers of the metadata. */
export function knownServer(metadata: ServerMetadata): KnownServer {
  return {
    token: metadata.token_endpoint,
    ...(metadata.revocation_endpoint !== undefined && { revoke: metadata.revocation_endpoint }),
    ...(metadata.idempotency_key_supported === true && { keys: true }),
  }
}
