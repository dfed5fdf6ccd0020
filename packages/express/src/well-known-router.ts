import { ConfigurationError, OAuthError, preflight } from '@oauth-ratchet/core'
import type { AuthorizationServer } from '@oauth-ratchet/core'
import type { RequestHandler } from 'express'
import { checkOptionNames, checkServer } from './check-server.js'
import { warnOnce } from './warn-once.js'
import { errorResponse, removeCorsHeaders, writeResponse } from './write-response.js'

const wellKnown = '/.well-known/oauth-authorization-server'
const openidConfiguration = '/.well-known/openid-configuration'

export interface WellKnownRouterOptions {
  /**
   * True: the same document also at `openid-configuration`, for clients that look nowhere else; for an issuer with a path
   * both with the well-known part inserted before it (RFC 8414 §5) and appended to it (OpenID Connect Discovery §4).
   * The document says nothing of OpenID Connect: there is no id_token, and clients that need one fail later. Default
   * false.
   */
  readonly openidConfiguration?: boolean | undefined
}

/**
 * Serves the authorization server metadata, to any page (CORS `*`), kept by caches for five minutes.
 *
 * Mount it at the root of the app, whatever the issuer is: for an issuer with a path the document's URL has the
 * well-known part inserted before the path, `https://example.com/t1` is described at
 * `https://example.com/.well-known/oauth-authorization-server/t1`. Everything else is passed on, so that several
 * issuers can live in one app. There is nothing at `openid-configuration`, unless {@link WellKnownRouterOptions} ask for
 * it: this is no OpenID provider.
 *
 * Warns once (`OAUTH_RATCHET_WELL_KNOWN_MOUNT`) when asked below a mount path, where clients do not look.
 *
 * @throws ConfigurationError `express.server`, `express.options`, `express.unknown_option`,
 *   `express.openid_configuration`
 * @see https://www.rfc-editor.org/rfc/rfc8414#section-3.1
 */
export function wellKnownRouter(
  server: AuthorizationServer,
  options: WellKnownRouterOptions = {},
): RequestHandler {
  checkServer('wellKnownRouter', server)
  checkOptions(options)
  const issuerPath = new URL(server.settings.issuer).pathname.replace(/\/$/, '')
  const path = wellKnown + issuerPath
  const openid = options.openidConfiguration === true
  const names = openid ? [wellKnown, openidConfiguration] : [wellKnown]
  const paths = names.map((name) => name + issuerPath)
  if (openid) paths.push(issuerPath + openidConfiguration)
  // A slash at the end is what clients send that do not take it off the issuer first.
  const served = new Set(paths.flatMap((one) => [one, `${one}/`]))
  const warn = warnOnce()
  return (req, res, next) => {
    if (req.baseUrl !== '') {
      if (!names.some((name) => req.path.startsWith(name))) return next()
      warn(
        'OAUTH_RATCHET_WELL_KNOWN_MOUNT',
        `wellKnownRouter is mounted at '${req.baseUrl}', where no client looks. Mount it at the root of the outermost ` +
          `app; it serves ${path} there (RFC 8414 section 3.1).`,
      )
      return next()
    }
    if (!served.has(req.path)) return next()
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
}

function checkOptions(options: WellKnownRouterOptions): void {
  checkOptionNames('wellKnownRouter', options, ['openidConfiguration'])
  const { openidConfiguration: flag } = options
  if (flag !== undefined && typeof flag !== 'boolean') {
    throw new ConfigurationError(
      'express.openid_configuration',
      'wellKnownRouter: openidConfiguration must be true or false.',
    )
  }
}
