import { OAuthError, preflight } from '@oauth-ratchet/core'
import type { AuthorizationServer } from '@oauth-ratchet/core'
import type { RequestHandler } from 'express'
import { checkServer } from './check-server.js'
import { warnOnce } from './warn-once.js'
import { errorResponse, removeCorsHeaders, writeResponse } from './write-response.js'

const wellKnown = '/.well-known/oauth-authorization-server'

/**
 * Serves the authorization server metadata, to any page (CORS `*`), kept by caches for five minutes.
 *
 * Mount it at the root of the app, whatever the issuer is: for an issuer with a path the document's URL has the
 * well-known part inserted before the path, `https://example.com/t1` is described at
 * `https://example.com/.well-known/oauth-authorization-server/t1`. Everything else is passed on, so that several
 * issuers can live in one app. There is nothing at `openid-configuration`: this is no OpenID provider.
 *
 * Warns once (`OAUTH_RATCHET_WELL_KNOWN_MOUNT`) when asked below a mount path, where clients do not look.
 *
 * @throws ConfigurationError `express.server`
 * @see https://www.rfc-editor.org/rfc/rfc8414#section-3.1
 */
export function wellKnownRouter(server: AuthorizationServer): RequestHandler {
  checkServer('wellKnownRouter', server)
  const path = wellKnown + new URL(server.settings.issuer).pathname.replace(/\/$/, '')
  const warn = warnOnce()
  return (req, res, next) => {
    if (!req.path.startsWith(wellKnown)) return next()
    if (req.baseUrl !== '') {
      warn(
        'OAUTH_RATCHET_WELL_KNOWN_MOUNT',
        `wellKnownRouter is mounted at '${req.baseUrl}', where no client looks. Mount it at the root of the outermost ` +
          `app; it serves ${path} there (RFC 8414 section 3.1).`,
      )
      return next()
    }
    // A slash at the end is what clients send that do not take it off the issuer first.
    if (req.path !== path && req.path !== `${path}/`) return next()
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
