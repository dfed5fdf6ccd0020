import type { AuthorizationServer } from '@oauth-ratchet/core'
import { checkOptionNames, checkServer, warnOnce, wellKnownOf } from '@oauth-ratchet/http/adapter'
import type { WellKnownOptions } from '@oauth-ratchet/http/adapter'
import type { RequestHandler } from 'express'
import { expressCaller as caller } from './caller.js'

export type WellKnownRouterOptions = WellKnownOptions

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
  checkServer(caller, 'wellKnownRouter', server)
  checkOptionNames(caller, 'wellKnownRouter', options, ['openidConfiguration'])
  const { path, names, served, answer } = wellKnownOf(caller, 'wellKnownRouter', server, options)
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
    answer(req, res)
  }
}
