import { printable } from '../command-line/table.js'
import { reasonOf } from '../configuration/open-storage.js'
import { ask, post } from './ask.js'
import type { Answer } from './ask.js'
import { found, ok, orOk } from './finding.js'
import type { Finding } from './finding.js'
import type { ServerMetadata } from './server-metadata.js'

/** An origin that no client has. */
const STRANGER = 'https://doctor.invalid'

/** What the endpoints answer to a stranger. */
export async function checkEndpoints(metadata: ServerMetadata): Promise<readonly Finding[]> {
  const checks: readonly (readonly [string, (url: string) => Promise<readonly Finding[]>])[] = [
    ['token_endpoint', checkToken],
    ['introspection_endpoint', checkIntrospection],
    ['revocation_endpoint', checkRevocation],
    ['authorization_endpoint', checkAuthorization],
    ['jwks_uri', checkKeys],
  ]
  const findings: Finding[] = []
  for (const [name, check] of checks) {
    const url = metadata.text(name)
    if (url !== undefined) findings.push(...(await answered(name, url, check)))
    else if (name === 'token_endpoint')
      findings.push(found('error', 'endpoints', 'The metadata names no token endpoint.'))
    else if (name === 'revocation_endpoint') {
      findings.push(
        found('warning', 'endpoints', 'The metadata names no revocation endpoint: clients cannot sign out.'),
      )
    }
  }
  return findings
}

async function answered(
  name: string,
  url: string,
  check: (url: string) => Promise<readonly Finding[]>,
): Promise<readonly Finding[]> {
  try {
    return await check(url)
  } catch (error) {
    const { cause } = error as { readonly cause?: unknown }
    return [
      found(
        'error',
        'endpoints',
        `${name} at ${printable(url)} does not answer: ${reasonOf(cause ?? error)}.`,
      ),
    ]
  }
}

async function checkToken(url: string): Promise<readonly Finding[]> {
  const form = {
    grant_type: 'authorization_code',
    code: 'doctor',
    client_id: 'doctor.invalid',
    redirect_uri: STRANGER,
  }
  const refused = await post(url, form, { origin: STRANGER })
  const read = await ask(url)
  return [
    checkErrorFormat('token endpoint', refused),
    checkNoStore('token endpoint', refused),
    ...checkCredentialsCors('token endpoint', refused),
    read.status >= 200 && read.status < 300
      ? found(
          'error',
          'RFC6749-3.2-post-only',
          'The token endpoint answers GET: codes and secrets get into logs.',
        )
      : ok('RFC6749-3.2-post-only', 'The token endpoint takes POST only.'),
  ]
}

/** @see https://www.rfc-editor.org/rfc/rfc6749#section-5.2 */
function checkErrorFormat(what: string, { status, json, headers }: Answer): Finding {
  const code = 'RFC6749-5.2-error-format'
  const isJson = /^application\/json\b/i.test(headers.get('content-type') ?? '')
  const isRefusal = (status === 400 || status === 401) && typeof json?.['error'] === 'string'
  return isJson && isRefusal
    ? ok(code, `Errors of the ${what} are JSON with error.`)
    : found(
        'error',
        code,
        `The ${what} answers a bad request with ${status} and ${isJson ? 'JSON without error' : 'no JSON'}; clients expect 400 or 401 with {"error": …}.`,
        'Is something in front of it that answers instead?',
      )
}

/** @see https://www.rfc-editor.org/rfc/rfc6749#section-5.1 */
function checkNoStore(what: string, { headers }: Answer): Finding {
  const code = 'RFC6749-5.1-no-store'
  return /\bno-store\b/i.test(headers.get('cache-control') ?? '')
    ? ok(code, `Answers of the ${what} are kept by no cache.`)
    : found(
        'error',
        code,
        `The ${what} answers without Cache-Control: no-store; a cache may keep tokens.`,
        'Does a proxy replace the header?',
      )
}

function checkCredentialsCors(what: string, { headers }: Answer): readonly Finding[] {
  const code = 'cors-credentials'
  const allowed = headers.get('access-control-allow-origin') === STRANGER
  const withCredentials = headers.get('access-control-allow-credentials') === 'true'
  return orOk(
    allowed && withCredentials
      ? [
          found(
            'error',
            code,
            `The ${what} lets pages of any origin read its answers with the user's cookies.`,
            'Is a CORS middleware in front of the router? It answers by itself.',
          ),
        ]
      : [],
    code,
    `The ${what} lets no foreign page use the user's cookies.`,
  )
}

/** @see https://www.rfc-editor.org/rfc/rfc7662#section-2.1 */
async function checkIntrospection(url: string): Promise<readonly Finding[]> {
  const code = 'RFC7662-2.1-introspection-authentication'
  const { status } = await post(url, { token: 'doctor' })
  return [
    status === 401 || status === 403 || status === 400
      ? ok(code, 'Introspection needs authentication.')
      : found(
          'error',
          code,
          `Introspection answers ${status} to a caller that does not authenticate: tokens can be tried out.`,
          'It MUST require authentication.',
        ),
  ]
}

/** @see https://www.rfc-editor.org/rfc/rfc7009#section-2.1 */
async function checkRevocation(url: string): Promise<readonly Finding[]> {
  const code = 'RFC7009-2.1-revocation'
  const { status } = await post(url, { token: 'doctor' })
  return [
    status < 500 && status !== 404
      ? ok(code, 'The revocation endpoint answers.')
      : found('error', code, `The revocation endpoint answers ${status}: clients cannot sign out.`),
  ]
}

async function checkAuthorization(url: string): Promise<readonly Finding[]> {
  const answer = await ask(`${url}?response_type=code&client_id=doctor.invalid&redirect_uri=${STRANGER}/`, {
    headers: { origin: STRANGER, accept: 'text/html' },
  })
  const { headers } = answer
  const frames = headers.get('content-security-policy') ?? ''
  const isFramed = !/frame-ancestors/i.test(frames) && !headers.has('x-frame-options')
  const target = headers.get('location') ?? ''
  return [
    target.startsWith(STRANGER)
      ? found(
          'error',
          'RFC9700-4.11-open-redirect',
          'The authorization endpoint redirects a stranger to any URI.',
        )
      : ok(
          'RFC9700-4.11-open-redirect',
          'The authorization endpoint redirects to no URI that is not registered.',
        ),
    isFramed
      ? found(
          'warning',
          'RFC9700-4.16-framing',
          'Pages of the authorization endpoint can be framed: clicks on consent can be stolen.',
          'Send Content-Security-Policy: frame-ancestors, or X-Frame-Options.',
        )
      : ok('RFC9700-4.16-framing', 'Pages of the authorization endpoint cannot be framed.'),
    headers.has('access-control-allow-origin')
      ? found(
          'error',
          'RFC9700-2.6-cors-authorization',
          'The authorization endpoint has CORS headers, which it MUST NOT: no page has to read it.',
          'Is a CORS middleware in front of the router? It answers by itself.',
        )
      : ok('RFC9700-2.6-cors-authorization', 'The authorization endpoint has no CORS headers.'),
    /(^|,)\s*(no-referrer|same-origin|strict-origin|strict-origin-when-cross-origin|origin)\s*(,|$)/i.test(
      headers.get('referrer-policy') ?? '',
    )
      ? ok(
          'RFC9700-4.2-referrer',
          'Pages of the authorization endpoint keep their URL from others (Referrer-Policy).',
        )
      : found(
          'warning',
          'RFC9700-4.2-referrer',
          'Pages of the authorization endpoint send no Referrer-Policy.',
          'Send no-referrer.',
        ),
  ]
}

async function checkKeys(url: string): Promise<readonly Finding[]> {
  const code = 'RFC7517-9.2-keys'
  const { status, json } = await ask(url)
  const keys = json?.['keys']
  if (status !== 200 || !Array.isArray(keys)) {
    return [found('error', code, `jwks_uri answers ${status}, and no key set.`)]
  }
  const isSecret = keys.some((key: unknown) => {
    const { d, k, kty } = (key ?? {}) as Readonly<Record<string, unknown>>
    return d !== undefined || k !== undefined || kty === 'oct'
  })
  return [
    isSecret
      ? found(
          'error',
          code,
          'The published key set has a private key in it: anybody can make tokens.',
          'Replace the key now.',
        )
      : ok(code, `The key set has ${keys.length} public ${keys.length === 1 ? 'key' : 'keys'}.`),
  ]
}
