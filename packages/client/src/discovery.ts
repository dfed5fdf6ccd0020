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
 * @param timeoutMs for both URLs together, their bodies included
 * @throws ClientError `unavailable` for no answer in time, 408, 429 and 5xx; `configuration` for any other answer that is not
 *   the issuer's metadata: coming again does not help
 * @see https://www.rfc-editor.org/rfc/rfc8414#section-3
 */
export async function discover(
  issuer: string,
  fetcher: typeof fetch,
  timeoutMs: number,
): Promise<ServerMetadata> {
  // Not by URL, whose parts React Native's own does not have.
  const [, origin = '', path = ''] = /^(https?:\/\/[^/]+)(.*?)\/?$/.exec(issuer) ?? []
  const urls = [
    `${origin}/.well-known/oauth-authorization-server${path}`,
    `${origin}${path}/.well-known/openid-configuration`,
  ]
  const failures: Failure[] = []
  const controller = new AbortController()
  const timer = setTimeout(() => controller.abort(), timeoutMs)
  try {
    for (const url of urls) {
      const found = await metadataAt(url, fetcher, controller.signal)
      if (!('problem' in found)) return checked(found.metadata, issuer)
      failures.push(found)
    }
  } finally {
    clearTimeout(timer)
  }
  const [first] = failures
  const transient = failures.find((failure) => failure.transient)
  if (transient !== undefined) {
    throw new ClientError('unavailable', `The metadata of ${issuer} could not be read now.`, {
      cause: transient.problem,
    })
  }
  throw new ClientError(
    'configuration',
    `The metadata of ${issuer} are not there: mount wellKnownRouter(server) of @oauth-ratchet/express at the root of that origin, or give the option metadata.`,
    { cause: first?.problem },
  )
}

interface Failure {
  readonly problem: unknown
  /** Another attempt may succeed. */
  readonly transient: boolean
}

async function metadataAt(
  url: string,
  fetcher: typeof fetch,
  signal: AbortSignal,
): Promise<{ readonly metadata: ServerMetadata } | Failure> {
  let text: string
  try {
    const response = await fetcher(url, { headers: { accept: 'application/json' }, signal })
    const { ok, status } = response
    if (!ok) {
      const transient = status >= 500 || status === 429 || status === 408
      return { problem: new Error(`${url} answered ${status}.`), transient }
    }
    text = await response.text()
  } catch (problem) {
    return { problem, transient: true }
  }
  try {
    const metadata = JSON.parse(text) as ServerMetadata | null
    if (typeof metadata === 'object' && metadata !== null) return { metadata }
  } catch {
    // As JSON that is no object.
  }
  // An app may answer every path with its page.
  return { problem: new Error(`${url} answered with what is no JSON object.`), transient: false }
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
