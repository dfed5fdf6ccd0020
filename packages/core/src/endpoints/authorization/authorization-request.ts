import type { Client } from '../../clients/client.js'
import { checkRedirectUri, fitsRedirectUri } from '../../clients/redirect-uri.js'
import { OAuthError } from '../../faults/errors.js'
import type { EndpointRequest } from '../../http/message.js'
import { hasControlCharacter } from '../../http/control-characters.js'
import { parameterName } from '../../http/parameter-names.js'
import { decodePair, readFormText } from '../../http/parameters.js'
import type { Parameters } from '../../http/parameters.js'
import type { ServerParts } from '../../server-parts.js'
import type { PendingAuthorization } from './pending-authorization.js'
import {
  openReauthentication,
  reauthenticateParameter,
  switchAccountMark,
  withoutReauthentication,
} from './reauthentication.js'

/** Longer requests are refused: they would not fit a browser's address bar on the way back from signing in. */
export const maxQueryLength = 8192

const authorizationParameters: ReadonlySet<string> = new Set([
  'client_id',
  'redirect_uri',
  'response_type',
  'response_mode',
  'scope',
  'state',
  'code_challenge',
  'code_challenge_method',
  'prompt',
  'max_age',
  'login_hint',
  'resource',
  reauthenticateParameter,
])
const prompts = new Set(['none', 'login', 'consent', 'select_account'])

/**
 * Checks an authorization request, by GET or POST.
 *
 * @throws OAuthError for a wrong client or redirect URI, and while in maintenance: to be shown to the user, never redirected
 * @see https://www.rfc-editor.org/rfc/rfc6749#section-4.1.1
 */
export async function beginAuthorization(
  parts: ServerParts,
  request: EndpointRequest,
): Promise<PendingAuthorization> {
  if (request.method !== 'GET' && request.method !== 'POST') {
    throw new OAuthError('invalid_request', 'Use GET or POST.', {
      status: 405,
      headers: { allow: 'GET, POST' },
    })
  }
  parts.maintenance.assertOff()
  const query = request.method === 'GET' ? request.query : readFormText(request)
  if (query.length > maxQueryLength)
    throw new OAuthError('invalid_request', 'The request is too long.', { status: 414 })
  return begin(parts, query)
}

/** The same for a request that has already become a query string. */
export async function begin(parts: ServerParts, query: string): Promise<PendingAuthorization> {
  const { parameters, wrong } = parseLeniently(query)
  const clientId = parameters.get('client_id')
  if (clientId === undefined || wrong.has('client_id')) {
    throw new OAuthError('invalid_request', wrong.get('client_id') ?? 'client_id is missing.')
  }
  const client = await parts.clients.find(clientId)
  if (client === undefined)
    throw new OAuthError('invalid_client', 'There is no such client.', { status: 400 })
  const sent = parameters.get('redirect_uri')
  const wrongUri = wrong.get('redirect_uri')
  if (wrongUri !== undefined) throw new OAuthError('invalid_request', wrongUri)
  const redirectUri = redirectUriOf(parts, client, sent)

  const mark = parameters.get(reauthenticateParameter)
  const base = {
    client,
    redirectUri,
    redirectUriSent: sent !== undefined,
    state: wrong.has('state') ? undefined : parameters.get('state'),
    query: withoutReauthentication(query),
    loginHint: parameters.get('login_hint'),
    prompt: (parameters.get('prompt') ?? '').split(' ').filter((value) => value !== ''),
    reauthenticateSince: openReauthentication(parts, mark, clientId),
    switchesAccount: mark === switchAccountMark,
    receivedAt: Math.floor(parts.settings.now() / 1000),
  }
  try {
    return { ...base, ...checkParameters(parts, client, parameters, wrong, base.prompt), error: undefined }
  } catch (error) {
    if (!(error instanceof OAuthError)) throw error
    return { ...base, scope: [], codeChallenge: undefined, maxAge: undefined, error }
  }
}

/** The checks whose errors go to the client by redirect. */
function checkParameters(
  parts: ServerParts,
  client: Client,
  parameters: Parameters,
  wrong: ReadonlyMap<string, string>,
  prompt: readonly string[],
) {
  const [problem] = wrong.values()
  if (problem !== undefined) throw new OAuthError('invalid_request', problem)
  const responseType = parameters.get('response_type')
  if (responseType === undefined) throw new OAuthError('invalid_request', 'response_type is missing.')
  if (responseType !== 'code')
    throw new OAuthError('unsupported_response_type', 'Only response_type=code is offered.')
  if (!client.grantTypes.has('authorization_code')) {
    throw new OAuthError(
      'unauthorized_client',
      'The client is not registered for the authorization_code grant.',
    )
  }
  const responseMode = parameters.get('response_mode')
  if (responseMode !== undefined && responseMode !== 'query') {
    throw new OAuthError('invalid_request', 'Only response_mode=query is offered.')
  }
  if (prompt.some((value) => !prompts.has(value)) || (prompt.includes('none') && prompt.length > 1)) {
    throw new OAuthError('invalid_request', 'prompt has a value that is unknown, or none beside others.')
  }
  const maxAge = parameters.get('max_age')
  if (maxAge !== undefined && !/^\d{1,9}$/.test(maxAge))
    throw new OAuthError('invalid_request', 'max_age must be seconds.')
  return {
    codeChallenge: checkChallenge(parts, client, parameters),
    scope: parts.issuer.scopeFor(client, parameters.get('scope')),
    maxAge: maxAge === undefined ? undefined : Number(maxAge),
  }
}

/** @see https://www.rfc-editor.org/rfc/rfc7636#section-4.3 */
function checkChallenge(parts: ServerParts, client: Client, parameters: Parameters): string | undefined {
  const challenge = parameters.get('code_challenge')
  const method = parameters.get('code_challenge_method')
  if (challenge === undefined) {
    const needed = parts.settings.requirePkce === 'always' || client.authMethod === 'none'
    if (needed || method !== undefined)
      throw new OAuthError('invalid_request', 'code_challenge is missing: PKCE with S256 is required.')
    return undefined
  }
  // Left out, the method means `plain` (RFC 7636 §4.3), which protects nobody who can read the request.
  if (method !== 'S256') throw new OAuthError('invalid_request', 'code_challenge_method must be S256.')
  if (!/^[\w-]{43}$/.test(challenge))
    throw new OAuthError('invalid_request', 'code_challenge is no S256 challenge.')
  return challenge
}

function redirectUriOf(parts: ServerParts, client: Client, sent: string | undefined): string {
  if (sent === undefined) {
    const [only, ...others] = client.redirectUris
    if (only === undefined || others.length > 0) {
      throw new OAuthError(
        'invalid_request',
        'redirect_uri is missing, and the client has not exactly one registered.',
      )
    }
    return only
  }
  const fits = fitsRedirectUri(sent, client.redirectUris, parts.settings.localhostAnyPort)
  if (!fits || checkRedirectUri(sent, parts.settings) !== undefined) {
    throw new OAuthError('invalid_request', 'redirect_uri is not registered for this client.')
  }
  return sent
}

/**
 * The known parameters, and what is wrong with some by name: parsing goes on, since these errors go to the client by redirect.
 * Others are ignored, repeated or not (RFC 6749 §3.1).
 */
function parseLeniently(query: string): { parameters: Parameters; wrong: ReadonlyMap<string, string> } {
  const parameters = new Map<string, string>()
  const wrong = new Map<string, string>()
  for (const pair of query.split('&')) {
    const parameter = parameterName(nameIn(pair), authorizationParameters)
    if (parameter.kind !== 'known' && parameter.kind !== 'bracketed') continue
    const { name } = parameter
    // Only as this server writes it, so that `withoutReauthentication` finds it too.
    if (name === reauthenticateParameter && !pair.startsWith(`${name}=`)) continue
    if (parameter.kind === 'bracketed') {
      wrong.set(name, `The parameter ${name} has brackets.`)
      continue
    }
    const [, value] = decodePair(pair)
    if (parameters.has(name) && name !== 'resource') wrong.set(name, `The parameter ${name} is repeated.`)
    // A state is for nobody but the client, and goes back as it came (RFC 6749 §4.1.2).
    if (name !== 'state' && hasControlCharacter(value)) {
      wrong.set(name, `The parameter ${name} has a control character.`)
    }
    parameters.set(name, value)
  }
  return { parameters: new Map([...parameters].filter(([, value]) => value !== '')), wrong }
}

function nameIn(pair: string): string {
  try {
    return decodePair(pair.split('=', 1)[0] ?? '')[0]
  } catch {
    // Malformed percent-encoding is in no name that is known.
    return ''
  }
}
