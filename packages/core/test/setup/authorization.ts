import type { EndpointResponse, SignIn } from '@oauth-ratchet/core'
import { clientA, redirectUri } from './test-server.js'
import type { TestServer } from './test-server.js'

/** The pair of RFC 7636 Appendix B. */
export const verifier = 'dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk'
export const challenge = 'E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM'

/** An authorization request of client A; parameters can be put over, or taken out with undefined. */
export function authorizationQuery(over: Readonly<Record<string, string | undefined>> = {}): string {
  const parameters = Object.entries({
    client_id: clientA.client_id,
    redirect_uri: redirectUri,
    response_type: 'code',
    code_challenge: challenge,
    code_challenge_method: 'S256',
    ...over,
  })
  return new URLSearchParams(
    parameters.filter((entry): entry is [string, string] => entry[1] !== undefined),
  ).toString()
}

export function getRequest(query: string) {
  return { method: 'GET', headers: {}, query }
}

/** Goes through the authorization endpoint as a browser whose user is signed in and consents to all. */
export async function authorize(
  at: TestServer,
  query = authorizationQuery(),
  signIn: SignIn = { subject: 'u1' },
  scope?: readonly string[],
): Promise<EndpointResponse> {
  const endpoint = at.server.endpoints.authorization()
  const pending = await endpoint.begin(getRequest(query))
  if (pending.error !== undefined) return endpoint.refuse(pending, pending.error)
  return endpoint.grant(pending, signIn, scope ?? pending.scope)
}

/** The parameters that a redirect takes back to the client. */
export function redirected(response: EndpointResponse): URLSearchParams {
  expect(response.status).toBe(303)
  return new URL(response.headers['location'] ?? '').searchParams
}

/** The code of a headless authorization. */
export async function codeOf(
  at: TestServer,
  query = authorizationQuery(),
  signIn?: SignIn,
  scope?: readonly string[],
): Promise<string> {
  return redirected(await authorize(at, query, signIn, scope)).get('code') ?? ''
}

/** The token request for a code of client A, with every proof right. */
export function redemption(code: string, over: Readonly<Record<string, string>> = {}) {
  return {
    grant_type: 'authorization_code',
    client_id: clientA.client_id,
    code,
    code_verifier: verifier,
    redirect_uri: redirectUri,
    ...over,
  }
}
