import { OAuthError, preflight } from '@oauth-ratchet/core'
import type { AuthorizationServer } from '@oauth-ratchet/core'
import type { IncomingMessage, ServerResponse } from 'node:http'
import { misuse } from '../caller/caller.js'
import type { Caller } from '../caller/caller.js'
import { errorResponse, removeCorsHeaders, writeResponse } from '../messages/write-response.js'

const wellKnown = '/.well-known/oauth-authorization-server'
const openidConfiguration = '/.well-known/openid-configuration'

export interface WellKnownOptions {
  /**
   * True: the same document also at `openid-configuration`, for clients that look nowhere else; for an issuer with a path
   * both with the well-known part inserted before it (RFC 8414 §5) and appended to it (OpenID Connect Discovery §4).
   * The document says nothing of OpenID Connect: there is no id_token, and clients that need one fail later. Default
   * false.
   */
  readonly openidConfiguration?: boolean | undefined
}

/** Where the metadata is, and what answers there. */
export interface WellKnown {
  /** The path that RFC 8414 §3.1 gives it. */
  readonly path: string
  /** What the paths begin with, for an issuer without a path of its own. */
  readonly names: readonly string[]
  /** All paths, with a slash at the end too: clients send it that do not take it off the issuer first. */
  readonly served: ReadonlySet<string>
  readonly answer: (req: IncomingMessage, res: ServerResponse) => void
}

/**
 * The authorization server metadata, for any page (CORS `*`), kept by caches for five minutes.
 *
 * @param name of the function that was called
 * @throws ConfigurationError `openid_configuration`, with the beginning of the caller's codes
 * @see https://www.rfc-editor.org/rfc/rfc8414#section-3.1
 */
export function wellKnownOf(
  caller: Caller,
  name: string,
  server: AuthorizationServer,
  options: WellKnownOptions,
): WellKnown {
  const { openidConfiguration: openid = false } = options
  if (typeof openid !== 'boolean') {
    throw misuse(caller, 'openid_configuration', `${name}: openidConfiguration must be true or false.`)
  }
  const issuerPath = new URL(server.settings.issuer).pathname.replace(/\/$/, '')
  const names = openid ? [wellKnown, openidConfiguration] : [wellKnown]
  const paths = names.map((each) => each + issuerPath)
  if (openid) paths.push(issuerPath + openidConfiguration)
  return {
    path: wellKnown + issuerPath,
    names,
    served: new Set(paths.flatMap((path) => [path, `${path}/`])),
    answer: (req, res) => answer(server, req, res),
  }
}

function answer(server: AuthorizationServer, req: IncomingMessage, res: ServerResponse): void {
  removeCorsHeaders(res)
  if (req.method === 'GET' || req.method === 'HEAD') {
    writeResponse(res, server.endpoints.metadata())
  } else if (req.method === 'OPTIONS') {
    writeResponse(res, preflight('GET, HEAD', req))
  } else {
    const error = new OAuthError('invalid_request', 'Use GET.', {
      status: 405,
      headers: { allow: 'GET, HEAD' },
    })
    writeResponse(res, errorResponse(error))
  }
}
