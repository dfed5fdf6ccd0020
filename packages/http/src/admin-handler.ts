import type { AuthorizationServer } from '@oauth-ratchet/core'
import type { IncomingMessage, ServerResponse } from 'node:http'
import { checkAdminOptions } from './admin/admin-options.js'
import type { AdminOptions } from './admin/admin-options.js'
import { adminRoutes } from './admin/admin-routes.js'
import type { Caller } from './caller/caller.js'
import { belowPath } from './handler/below-path.js'
import type { HandlerBelow } from './handler/below-path.js'

export interface AdminHandlerOptions<Req = IncomingMessage, Res = ServerResponse> extends AdminOptions<
  Req,
  Res
> {
  /** Where it answers: `/admin`, say. Begins with a slash and has none at its end. */
  readonly path: string
}

/** Answers what is for administrators, and calls `next` for everything else; without one that is a 404. */
export type AdminHandler<Req = IncomingMessage, Res = ServerResponse> = HandlerBelow<Req, Res>

const caller: Caller = { codes: 'http', maker: 'adminHandler' }

/**
 * Grants and clients for administrators, as JSON; for plain `node:http`.
 *
 * ```ts
 * const admin = adminHandler(server, { path: '/admin', admin: (req) => administratorOf(req) })
 * createServer((req, res) => admin(req, res, () => app(req, res))).listen(3000)
 * ```
 *
 * Guarded by an access token with the scope `admin`, of client credentials, or of a user whom `isAdmin` accepts; or by the
 * app's own session, which `admin` reads. Who it was is `by` in the events. docs/administration.md has every route.
 *
 * @throws ConfigurationError `http.server`, `http.options`, `http.unknown_option`, `http.path`, `http.scope`,
 *   `http.unknown_scope`, `http.admin`, `http.is_admin`
 */
export function adminHandler<
  Req extends IncomingMessage = IncomingMessage,
  Res extends ServerResponse = ServerResponse,
>(server: AuthorizationServer, options: AdminHandlerOptions<Req, Res>): AdminHandler<Req, Res> {
  checkAdminOptions(caller, server, options, ['path'])
  const { path, ...rest } = options
  return belowPath(caller, path, '/admin', adminRoutes(caller, server, rest))
}
