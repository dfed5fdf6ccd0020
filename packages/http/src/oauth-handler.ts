import type { AuthorizationServer } from '@oauth-ratchet/core'
import type { IncomingMessage, ServerResponse } from 'node:http'
import { httpCaller } from './caller/caller.js'
import { checkServer } from './caller/check-server.js'
import { warnOnce } from './caller/warn-once.js'
import { oauthRoutes } from './endpoints/oauth-routes.js'
import type { Route } from './endpoints/oauth-routes.js'
import { wellKnownOf } from './endpoints/well-known.js'
import type { Next } from './messages/answer.js'
import { clientAddressOf } from './handler/client-address.js'
import { checkHandlerOptions } from './handler/oauth-handler-options.js'
import type { OAuthHandlerOptions } from './handler/oauth-handler-options.js'
import { notFound } from './handler/not-found.js'
import { pathOf } from './handler/path-of.js'

/**
 * Answers what is for the authorization server, and calls `next` for everything else; without one that is a 404. With
 * `passErrors` it also calls `next` with an error.
 */
export type OAuthHandler<Req = IncomingMessage, Res = ServerResponse> = (
  req: Req,
  res: Res,
  next?: Next,
) => void

/**
 * The OAuth endpoints for plain `node:http`, in front of any app:
 *
 * ```ts
 * const oauth = oauthHandler(server, { signIn })
 * createServer((req, res) => oauth(req, res, () => app(req, res))).listen(3000)
 * ```
 *
 * Below the path of the server's `issuer` with its `basePath` there are `POST token`, `POST revoke`, `POST introspect`,
 * `GET jwks`, and with `signIn` also `GET` and `POST authorize` and `POST authorize/decision`; at the root the metadata,
 * `/.well-known/oauth-authorization-server` (RFC 8414 §3.1).
 *
 * It reads its own bodies, up to 16 kB, and sets its own CORS headers: let nothing read the request before it. A body
 * that was parsed already, into `req.body`, is taken as it is. It answers everything itself, errors included, in JSON or
 * as a page, and never throws.
 *
 * Warns once each: `OAUTH_RATCHET_TRUST_PROXY` (`X-Forwarded-For` came and there is no `clientAddress`),
 * `OAUTH_RATCHET_AUTH_TIME` (`signIn` gives no `authTime` where a client asks for a recent sign-in),
 * `OAUTH_RATCHET_NO_ANSWER` (a callback leaves the browser waiting), `OAUTH_RATCHET_FORM_ACTION` (a page's
 * Content-Security-Policy has `form-action`).
 *
 * @throws ConfigurationError `http.server`, `http.options`, `http.unknown_option`, `http.path`, `http.client_address`,
 *   `http.sign_in`, `http.consent`, `http.on_decision`, `http.pages`, `http.cors`, `http.pass_errors`,
 *   `http.refresh_token_cookie`, `http.openid_configuration`, `refreshTokenCookie.clients`
 * @see https://www.rfc-editor.org/rfc/rfc6749#section-3
 */
export function oauthHandler<
  Req extends IncomingMessage = IncomingMessage,
  Res extends ServerResponse = ServerResponse,
>(server: AuthorizationServer, options: OAuthHandlerOptions<Req, Res> = {}): OAuthHandler<Req, Res> {
  checkServer(httpCaller, 'oauthHandler', server)
  checkHandlerOptions(options)
  const warn = warnOnce()
  const clientAddress = clientAddressOf(options, warn)
  const { path = pathOfEndpoints(server) } = options
  const metadata = wellKnownOf(httpCaller, 'oauthHandler', server, options)
  const below = oauthRoutes(server, options, { caller: httpCaller, clientAddress, warn })
  const routes = new Map<string, Route<Req, Res>>([
    ...[...metadata.served].map((each) => [each, metadata.answer] as const),
    ...[...below].map(([each, route]) => [path + each, route] as const),
  ])
  return (req, res, next) => {
    const route = routes.get(pathOf(req))
    if (route !== undefined) route(req, res, next)
    else if (next !== undefined) next()
    else notFound(res)
  }
}

function pathOfEndpoints(server: AuthorizationServer): string {
  return new URL(server.settings.endpointUrl('token')).pathname.replace(/\/token$/, '')
}
