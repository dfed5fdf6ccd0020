import { isLoopbackHost } from '@oauth-ratchet/core'

import { printable } from '../command-line/table.js'
import { reasonOf } from '../configuration/open-storage.js'
import { ask } from './ask.js'
import { checkEndpoints } from './check-endpoints.js'
import { found, ok, orOk } from './finding.js'
import type { Finding } from './finding.js'
import { metadataUrl, readMetadata } from './server-metadata.js'
import type { ServerMetadata } from './server-metadata.js'

/**
 * Checks a running authorization server from outside, as a stranger: no credentials are sent, nothing is signed in, and
 * nothing that it does changes anything there but counts of failed attempts. Any server with RFC 8414 metadata will do.
 *
 * @param issuer its issuer, such as https://auth.example.com
 * @see https://www.rfc-editor.org/rfc/rfc9700
 */
export async function checkServer(issuer: string): Promise<readonly Finding[]> {
  const code = 'RFC8414-3-metadata'
  const url = metadataUrl(issuer)
  let answer
  try {
    answer = await ask(url)
  } catch (error) {
    const { cause } = error as { readonly cause?: unknown }
    return [found('error', code, `${url} does not answer: ${reasonOf(cause ?? error)}.`)]
  }
  const metadata = readMetadata(answer)
  if (metadata === undefined) {
    return [
      found(
        'error',
        code,
        `${url} answers ${answer.status}, and no JSON object.`,
        'Mount wellKnownRouter (or oauthHandler) at the root of the host.',
      ),
    ]
  }
  return [
    checkIssuer(issuer, metadata),
    checkHttps(issuer, metadata),
    checkTransportSecurity(issuer, answer.headers),
    checkMetadataCors(answer.headers),
    checkPkce(metadata),
    ...checkGrants(metadata),
    checkIss(metadata),
    checkAlgorithms(metadata),
    ...(await checkEndpoints(metadata)),
  ]
}

/** @see https://www.rfc-editor.org/rfc/rfc8414#section-3.3 */
function checkIssuer(issuer: string, { issuer: said }: ServerMetadata): Finding {
  const code = 'RFC8414-3-metadata'
  return said === issuer || said === `${issuer}/` || `${said}/` === issuer
    ? ok(code, 'The metadata is where it belongs, and names the issuer.')
    : found(
        'error',
        code,
        `The metadata names the issuer ${printable(said ?? '(none)')}, and clients must refuse it (§3.3).`,
        'The issuer option is the URL that clients use.',
      )
}

function checkHttps(issuer: string, metadata: ServerMetadata): Finding {
  const code = 'RFC9700-2.6-https'
  const names = [
    'authorization_endpoint',
    'token_endpoint',
    'revocation_endpoint',
    'introspection_endpoint',
    'jwks_uri',
  ]
  const plain = [issuer, ...names.flatMap((name) => metadata.text(name) ?? [])].filter(
    (url) => !URL.canParse(url) || new URL(url).protocol !== 'https:',
  )
  if (plain.length === 0) return ok(code, 'The issuer and all endpoints are https.')
  const isLocal = plain.every((url) => URL.canParse(url) && isLoopbackHost(new URL(url).hostname))
  return isLocal
    ? found('warning', code, 'It is http on this machine.', 'Right for development only.')
    : found(
        'error',
        code,
        `Not https: ${plain.map(printable).join(', ')}.`,
        'Tokens must not cross a network readable.',
      )
}

/** @see https://www.rfc-editor.org/rfc/rfc6797#section-7.1 */
function checkTransportSecurity(issuer: string, headers: Headers): Finding {
  const code = 'RFC6797-7.1-hsts'
  if (headers.has('strict-transport-security')) return ok(code, 'Strict-Transport-Security is sent.')
  return new URL(issuer).protocol === 'https:'
    ? found(
        'note',
        code,
        'Strict-Transport-Security is not sent.',
        'Send it, so that browsers never ask by http.',
      )
    : ok(code, 'Strict-Transport-Security has no meaning over http.')
}

function checkMetadataCors(headers: Headers): Finding {
  const code = 'cors-metadata'
  return headers.get('access-control-allow-origin') === '*'
    ? ok(code, 'Pages of any origin can read the metadata.')
    : found('note', code, 'Pages of other origins cannot read the metadata; clients in a browser need it.')
}

function checkPkce(metadata: ServerMetadata): Finding {
  const code = 'RFC9700-2.1.1-pkce'
  if (metadata.text('authorization_endpoint') === undefined)
    return ok(code, 'There is no authorization endpoint.')
  const methods = metadata.list('code_challenge_methods_supported') ?? []
  if (!methods.includes('S256')) {
    return found('error', code, 'The metadata does not offer PKCE with S256, which servers MUST support.')
  }
  return methods.includes('plain')
    ? found(
        'error',
        code,
        'PKCE with plain is offered: who reads the request has the verifier.',
        'Offer S256 alone.',
      )
    : ok(code, 'PKCE is offered with S256 alone.')
}

function checkGrants(metadata: ServerMetadata): readonly Finding[] {
  const types = metadata.list('grant_types_supported') ?? ['authorization_code', 'implicit']
  const responses = metadata.list('response_types_supported') ?? []
  const implicit = 'RFC9700-2.1.2-implicit'
  const password = 'RFC9700-2.4-password'
  const inFront = responses.filter((type) => type.split(' ').includes('token'))
  return [
    ...orOk(
      types.includes('implicit') || inFront.length > 0
        ? [
            found(
              'error',
              implicit,
              'The implicit grant is offered: access tokens in URLs leak and can be injected.',
            ),
          ]
        : [],
      implicit,
      'There is no implicit grant.',
    ),
    types.includes('password')
      ? found(
          'error',
          password,
          'The password grant is offered, which MUST NOT be used: clients see the passwords of users.',
          'Leave authenticateUser out.',
        )
      : ok(password, 'There is no password grant.'),
  ]
}

/** @see https://www.rfc-editor.org/rfc/rfc9207 */
function checkIss(metadata: ServerMetadata): Finding {
  const code = 'RFC9700-4.4-iss'
  if (metadata.text('authorization_endpoint') === undefined)
    return ok(code, 'There is no authorization endpoint.')
  return metadata.isTrue('authorization_response_iss_parameter_supported')
    ? ok(code, 'Authorization responses say who the issuer is (iss).')
    : found(
        'warning',
        code,
        'Authorization responses have no iss parameter: clients of several servers can be mixed up.',
        'Send iss, and say so in the metadata (RFC 9207).',
      )
}

/** @see https://www.rfc-editor.org/rfc/rfc8725#section-3.2 */
function checkAlgorithms({ algorithms }: ServerMetadata): Finding {
  const code = 'RFC8725-3.2-alg-none'
  const bad = algorithms.filter(([, values]) => values.some((value) => value.toLowerCase() === 'none'))
  return bad.length === 0
    ? ok(code, 'No signature algorithm is none.')
    : found(
        'error',
        code,
        `${bad.map(([name]) => printable(name)).join(', ')} has none: anybody can make such tokens.`,
      )
}
