import { isLoopbackHost } from '@oauth-ratchet/core'
import type { AuthorizationServerOptions, ClientMetadata } from '@oauth-ratchet/core'

import { printable } from '../command-line/table.js'
import { found, ok, orOk } from './finding.js'
import type { Finding } from './finding.js'

/** What the configured clients say, as far as the server does not refuse it. */
export function checkClients({
  clients = [],
  localhostAnyPort,
}: AuthorizationServerOptions): readonly Finding[] {
  if (typeof clients === 'function') {
    return [found('note', 'clients', 'Clients are found by a function: they were not looked at.')]
  }
  return [
    ...checkRedirects(clients, localhostAnyPort === true),
    ok('RFC9700-2.1.2-implicit', 'There is no implicit grant: only response_type code.'),
    ...checkAuthentication(clients),
    ...checkIntrospection(clients),
  ]
}

function checkRedirects(clients: readonly ClientMetadata[], localhostAnyPort: boolean): readonly Finding[] {
  const code = 'RFC9700-2.1-redirect-uris'
  const findings = clients.flatMap(({ client_id: id, redirect_uris: uris = [] }) =>
    uris
      .filter((uri) => URL.canParse(uri) && new URL(uri).protocol === 'http:')
      .filter((uri) => !isLoopbackHost(new URL(uri).hostname))
      .map((uri) =>
        found(
          'error',
          code,
          `Client ${printable(id)} has ${uri}: the code crosses the network readable.`,
          'Use https.',
        ),
      ),
  )
  const loose = localhostAnyPort
    ? [
        found(
          'note',
          code,
          'localhostAnyPort: the port of http://localhost redirect URIs is not compared.',
          'Register http://127.0.0.1/… in its place (RFC 8252 §8.3).',
        ),
      ]
    : []
  return orOk(
    [...findings, ...loose],
    code,
    'Redirect URIs are compared as exact strings, and none is readable on the way.',
  )
}

function checkAuthentication(clients: readonly ClientMetadata[]): readonly Finding[] {
  const code = 'RFC9700-2.5-client-authentication'
  const confidential = clients.filter(({ token_endpoint_auth_method: method }) => method !== 'none')
  const byPost = confidential.filter(
    ({ token_endpoint_auth_method: method }) => method === 'client_secret_post',
  )
  const findings = byPost.map(({ client_id: id }) =>
    found(
      'note',
      code,
      `Client ${printable(id)} sends its secret in the body, where logs may keep it.`,
      'Prefer client_secret_basic (RFC 6749 §2.3.1).',
    ),
  )
  return orOk(findings, code, 'Clients that can keep a secret authenticate with one.')
}

function checkIntrospection(clients: readonly ClientMetadata[]): readonly Finding[] {
  const code = 'RFC7662-4-introspection'
  const findings = clients
    .filter(
      ({ may_introspect: may, grant_types: types = ['authorization_code'] }) =>
        may === 'any' && types.some((type) => type === 'authorization_code' || type === 'refresh_token'),
    )
    .map(({ client_id: id }) =>
      found(
        'note',
        code,
        `Client ${printable(id)} may introspect every token and signs users in as well.`,
        'Give resource servers a client of their own.',
      ),
    )
  return orOk(findings, code, 'Only resource servers may introspect the tokens of others.')
}
