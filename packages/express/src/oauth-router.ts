import type { AuthorizationServer } from '@oauth-ratchet/core'
import { checkOAuthOptions, checkServer, oauthRoutes, warnOnce } from '@oauth-ratchet/http/adapter'
import type { OAuthOptions } from '@oauth-ratchet/http/adapter'
import type { Request, RequestHandler, Response } from 'express'
import { expressCaller as caller } from './caller.js'
import { checkDeployment } from './check-deployment.js'
import { pathBelow } from './path-below.js'
import { shareShape } from './share-shape.js'

/** Each option is described where it is declared, at `OAuthOptions` of `@oauth-ratchet/http`. */
export interface OAuthRouterOptions extends OAuthOptions<Request, Response> {}

/**
 * The OAuth endpoints below the place where it is mounted: `POST token`, `POST revoke`, `POST introspect`, `GET jwks`,
 * and with `signIn` also `GET` and `POST authorize` and `POST authorize/decision`. Everything else is passed on.
 *
 * ```ts
 * app.use('/oauth', oauthRouter(server, { signIn, consent }))
 * ```
 *
 * Mount it where the server's `issuer` and `basePath` say, and before body parsers and `cors()`: it reads its own
 * bodies, up to 16 kB, and sets its own CORS headers. A body that was parsed already is taken as it is. The endpoints
 * answer everything themselves, errors included, in JSON or as a page; the app's error handlers are called only with
 * `passErrors`.
 *
 * Warns once each: `OAUTH_RATCHET_TRUST_PROXY` (`X-Forwarded-For` came and `trust proxy` is off),
 * `OAUTH_RATCHET_MOUNT_PATH` (it is mounted where the metadata does not point), `OAUTH_RATCHET_AUTH_TIME` (`signIn`
 * gives no `authTime` where a client asks for a recent sign-in), `OAUTH_RATCHET_NO_ANSWER` (a callback leaves the browser
 * waiting), `OAUTH_RATCHET_FORM_ACTION` (the app's Content-Security-Policy has `form-action`).
 *
 * @throws ConfigurationError `express.server`, `express.options`, `express.unknown_option`, `express.sign_in`,
 *   `express.consent`, `express.on_decision`, `express.pages`, `express.cors`, `express.pass_errors`,
 *   `express.refresh_token_cookie`, `refreshTokenCookie.clients`
 * @see https://www.rfc-editor.org/rfc/rfc6749#section-3
 */
export function oauthRouter(server: AuthorizationServer, options: OAuthRouterOptions = {}): RequestHandler {
  checkServer(caller, 'oauthRouter', server)
  checkOAuthOptions(caller, options)
  const warn = warnOnce()
  const check = checkDeployment(server, warn)
  const routes = oauthRoutes(server, options, { caller, clientAddress, warn })
  return (req, res, next) => {
    const route = routes.get(pathBelow(req))
    if (route === undefined) return next()
    shareShape(req, res)
    check(req)
    route(req, res, next)
  }
}

// Asked of Express for every request, half a microsecond: an app may have put its own `ip` on `app.request`, as Express's
// documentation shows, and the socket's address would then be the proxy's.
function clientAddress(req: Request): string | undefined {
  return req.ip
}
