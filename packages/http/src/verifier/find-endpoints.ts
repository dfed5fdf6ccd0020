import { IssuerError } from './issuer-error.js'
import { requestJson } from './request-json.js'
import type { RequestContext } from './request-json.js'
import type { IssuerEndpoints, VerifierSettings } from './token-verifier-options.js'

/**
 * Finds out from the metadata where the server is asked. Only endpoints of the issuer's own origin are taken: whatever
 * the metadata say, no request goes anywhere else.
 *
 * @throws IssuerError
 * @see https://www.rfc-editor.org/rfc/rfc8414#section-3
 */
export async function findEndpoints(
  context: RequestContext,
  { issuer }: Pick<VerifierSettings, 'issuer'>,
): Promise<IssuerEndpoints> {
  const { origin, pathname } = new URL(issuer)
  const path = pathname.replace(/\/$/, '')
  const url = `${origin}/.well-known/oauth-authorization-server${path}`
  const metadata = await requestJson(context, url)
  const refuse = (problem: string): never => {
    const error = new IssuerError(`${url} ${problem}`)
    context.report(error)
    throw error
  }
  // RFC 8414 §3.3: it would be another server's.
  if (metadata['issuer'] !== issuer)
    return refuse('has metadata of another issuer: compare the option issuer with it exactly.')
  const endpoint = (name: string): string | undefined => {
    const value = metadata[name]
    if (value === undefined) return undefined
    if (typeof value === 'string' && URL.canParse(value) && new URL(value).origin === origin) return value
    return refuse(
      `names a ${name} of another origin than the issuer's. If that is right, give the option endpoints.`,
    )
  }
  return { jwks: endpoint('jwks_uri'), introspection: endpoint('introspection_endpoint') }
}
