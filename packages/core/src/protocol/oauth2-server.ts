import OAuth2Server from '@node-oauth/oauth2-server'
import type { Client } from '../clients/client.js'
import { OAuthError } from '../faults/errors.js'
import type { OAuthErrorCode } from '../faults/errors.js'
import type { TokenResponse } from '../grants/token-response.js'
import type { Parameters } from '../http/parameters.js'
import type { ServerParts } from '../server-parts.js'
import type { Writable } from '../writable.js'
import { AuthorizationRequestModel, RatchetGrantType, TokenRequestModel } from './models.js'
import type { AuthorizationContext, TokenRequestContext } from './models.js'

/**
 * The one door to the protocol library, and the one place where what it does short of the specifications is put
 * right. Its work: dispatch of grant types, the flow of the code, password and client-credentials grants, the
 * authorization request. Ours, before the call:
 *
 * - the client has been authenticated and the parameters parsed, each once; the library gets `client_id` alone;
 * - verifier and redirect URI are checked with the code before it is spent (the library spends it first), and
 *   withheld from the library, which would otherwise check them again against what is not stored;
 * - username and password are checked by the app, and the code here, as they came; the library learns only that they
 *   are there (its own checks of their characters would refuse many a good password, and answer a damaged code with
 *   `invalid_request`);
 * - `state` and `redirect_uri` errors, PKCE and response types are judged by the authorization endpoint;
 *
 * and after it: errors, and the response (the library counts by the machine's clock, we by the server's).
 * `refresh_token` is a grant type of our own, registered with the library. ADR 2 tells the division in full.
 */

/** Says of each grant type that its client need not be authenticated again; made once, for every refresh needs it. */
const authenticated = new Map(
  ['authorization_code', 'client_credentials', 'password', 'refresh_token'].map((name) => [
    name,
    { [name]: false },
  ]),
)

/** Runs one token request; the answer is the RFC 6749 §5.1 response. */
export async function runTokenRequest(
  parts: ServerParts,
  context: TokenRequestContext,
): Promise<TokenResponse> {
  const grantType = context.parameters.get('grant_type')
  // The library would say `invalid_client`, since it knows no grant type that goes without a secret.
  if (grantType === undefined) throw new OAuthError('invalid_request', 'grant_type is missing.')
  if (grantType === 'password' && parts.callbacks.authenticateUser === undefined) {
    throw new OAuthError('unsupported_grant_type', 'The password grant is not offered.')
  }
  const model = new TokenRequestModel(parts, context)
  const request = libraryRequest(context.client, context.parameters)
  try {
    await new OAuth2Server({ model }).token(request, unreadResponse(), {
      extendedGrantTypes: { refresh_token: RatchetGrantType },
      requireClientAuthentication: authenticated.get(grantType) ?? { [grantType]: false },
    })
  } catch (error) {
    throw ownError(error, grantType)
  }
  return model.response
}

/** Runs an authorization request that everybody has agreed to; the answer is the code. */
export async function runAuthorizationRequest(
  parts: ServerParts,
  context: AuthorizationContext,
): Promise<string> {
  const { client, binding } = context
  const parameters = new Map([
    ['response_type', 'code'],
    ['client_id', client.id],
    ['redirect_uri', binding.redirectUri],
  ])
  if (binding.codeChallenge !== undefined) {
    parameters.set('code_challenge', binding.codeChallenge)
    parameters.set('code_challenge_method', 'S256')
  }
  const model = new AuthorizationRequestModel(parts, context)
  try {
    const code = await new OAuth2Server({ model }).authorize(
      libraryRequest(client, parameters),
      unreadResponse(),
      { allowEmptyState: true, authenticateHandler: { handle: () => context.signIn } },
    )
    return code.authorizationCode
  } catch (error) {
    throw ownError(error)
  }
}

const withheld = new Set(['client_id', 'client_secret', 'code_verifier'])
const present = new Set(['username', 'password', 'code'])

function libraryRequest(client: Client, parameters: Parameters): OAuth2Server.Request {
  const body: Record<string, string> = { client_id: client.id }
  for (const [name, value] of parameters) {
    if (!withheld.has(name)) body[name] = present.has(name) ? 'present' : value
  }
  const request = Object.create(formRequest) as Writable<OAuth2Server.Request>
  request.body = body
  request.headers = {}
  request.method = 'POST'
  request.query = {}
  return request
}

/** A request whose media type has been checked: the library need not find it out from headers made up for it. */
class FormRequest extends OAuth2Server.Request {
  override is(): string {
    return 'application/x-www-form-urlencoded'
  }
}

/** What the library writes its answer into, and nobody reads. */
function unreadResponse(): OAuth2Server.Response {
  const response = Object.create(libraryResponse) as Writable<OAuth2Server.Response>
  response.headers = {}
  return response
}

// Both are made without their constructors, which take apart options and headers that there are none of: this is on the
// path of a refresh.
const formRequest: object = FormRequest.prototype
const libraryResponse: object = OAuth2Server.Response.prototype

const tellable: ReadonlySet<OAuthErrorCode> = new Set([
  'invalid_request',
  'invalid_client',
  'invalid_grant',
  'invalid_scope',
  'unauthorized_client',
  'unsupported_grant_type',
  'access_denied',
])

/** What its errors say in our words, where they are about the grant type. */
function describe(code: OAuthErrorCode, grantType: string): string | undefined {
  if (code === 'unauthorized_client') return `The client is not registered for the ${grantType} grant.`
  return code === 'unsupported_grant_type' ? 'This server has no such grant type.' : undefined
}

/** The library wraps what our model throws, and has errors of its own; both come out as ours. */
function ownError(error: unknown, grantType = ''): unknown {
  if (!(error instanceof OAuth2Server.OAuthError)) return error
  const { inner } = error as { inner?: unknown }
  if (error instanceof OAuth2Server.ServerError && inner !== undefined) return inner
  const code = error.name as OAuthErrorCode
  // The rest of its errors say that it was called wrongly: a fault of ours.
  if (!tellable.has(code)) return error
  // Its messages are about parameters and carry nothing of ours.
  return new OAuthError(code, describe(code, grantType) ?? error.message, { status: 400, cause: error })
}
