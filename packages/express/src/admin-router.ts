import type { AuthorizationServer } from '@oauth-ratchet/core'
import type { AdminOptions } from '@oauth-ratchet/http'
import { adminRoutes, checkAdminOptions } from '@oauth-ratchet/http/adapter'
import type { Caller } from '@oauth-ratchet/http/adapter'
import type { Request, RequestHandler, Response } from 'express'
import { pathBelow } from './path-below.js'

/** Each option is described where it is declared, at `AdminOptions` of `@oauth-ratchet/http`. */
export interface AdminRouterOptions extends AdminOptions<Request, Response> {}

const caller: Caller = { codes: 'express', maker: 'adminRouter' }

/**
 * Grants and clients for administrators, as JSON.
 *
 * ```ts
 * app.use('/admin', adminRouter(server, { admin: (req) => administratorOf(req) }))
 * ```
 *
 * Guarded by an access token with the scope `admin`, of client credentials, or of a user whom `isAdmin` accepts; or by the
 * app's own session, which `admin` reads. Who it was is `by` in the events. docs/administration.md has every route. It
 * answers everything itself, errors included.
 *
 * @throws ConfigurationError `express.server`, `express.options`, `express.unknown_option`, `express.scope`,
 *   `express.unknown_scope`, `express.admin`, `express.is_admin`
 */
export function adminRouter(server: AuthorizationServer, options: AdminRouterOptions = {}): RequestHandler {
  checkAdminOptions(caller, server, options)
  const routes = adminRoutes(caller, server, options)
  return (req, res, next) => {
    if (!routes(req, res, pathBelow(req))) next()
  }
}
