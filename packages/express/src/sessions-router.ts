import type { AuthorizationServer } from '@oauth-ratchet/core'
import type { SessionsOptions } from '@oauth-ratchet/http'
import { checkSessionsOptions, sessionsRoutes } from '@oauth-ratchet/http/adapter'
import type { Caller } from '@oauth-ratchet/http/adapter'
import type { Request, RequestHandler, Response } from 'express'
import { pathBelow } from './path-below.js'

/** Each option is described where it is declared, at `SessionsOptions` of `@oauth-ratchet/http`. */
export interface SessionsRouterOptions extends SessionsOptions<Request, Response> {}

const caller: Caller = { codes: 'express', maker: 'sessionsRouter' }

/**
 * Where a user is signed in, for the user: a list, an end to one, an end to all others.
 *
 * ```ts
 * app.use('/account/sessions', sessionsRouter(server, { user: (req) => userOf(req) }))
 * ```
 *
 * Below the place where it is mounted:
 *
 * - `GET /`: a page of the list: `{ sessions, cursor? }`; `?cursor=` goes on, `?limit=` is 50, at most 500
 * - `DELETE /:id`: ends one; 404 for one that has ended, is somebody else's, or never was
 * - `DELETE /`: ends all others, and codes that are not redeemed yet: `{ ended }`
 *
 * with an access token that has the scope (`Authorization: Bearer`), and with `user` for the app's own session too. Then
 * a browser that asks for HTML gets a page at `/`, whose forms are posted there. Writes with a session are refused from
 * other origins: 403. It answers everything itself, errors included.
 *
 * @throws ConfigurationError `express.server`, `express.options`, `express.unknown_option`, `express.scope`,
 *   `express.unknown_scope`, `express.user`, `express.pages`, `express.describe_device`
 */
export function sessionsRouter(
  server: AuthorizationServer,
  options: SessionsRouterOptions = {},
): RequestHandler {
  checkSessionsOptions(caller, server, options)
  const routes = sessionsRoutes(caller, server, options)
  return (req, res, next) => {
    if (!routes(req, res, pathBelow(req))) next()
  }
}
