import type { AuthorizationServer } from '@oauth-ratchet/core'
import type { IncomingMessage, ServerResponse } from 'node:http'
import type { Caller } from './caller/caller.js'
import { belowPath } from './handler/below-path.js'
import type { HandlerBelow } from './handler/below-path.js'
import { checkSessionsOptions } from './sessions/sessions-options.js'
import type { SessionsOptions } from './sessions/sessions-options.js'
import { sessionsRoutes } from './sessions/sessions-routes.js'

export interface SessionsHandlerOptions<Req = IncomingMessage, Res = ServerResponse> extends SessionsOptions<
  Req,
  Res
> {
  /** Where it answers: `/account/sessions`, say. Begins with a slash and has none at its end. */
  readonly path: string
}

/** Answers what is for the sessions, and calls `next` for everything else; without one that is a 404. */
export type SessionsHandler<Req = IncomingMessage, Res = ServerResponse> = HandlerBelow<Req, Res>

const caller: Caller = { codes: 'http', maker: 'sessionsHandler' }

/**
 * Where a user is signed in, for the user: a list, an end to one, an end to all others; for plain `node:http`.
 *
 * ```ts
 * const sessions = sessionsHandler(server, { path: '/account/sessions', user: (req) => userOf(req) })
 * createServer((req, res) => sessions(req, res, () => app(req, res))).listen(3000)
 * ```
 *
 * - `GET path`: a page of the list: `{ sessions, cursor? }`; `?cursor=` goes on, `?limit=` is 50, at most 500
 * - `DELETE path/:id`: ends one; 404 for one that has ended, is somebody else's, or never was
 * - `DELETE path`: ends all others, and codes that are not redeemed yet: `{ ended }`
 *
 * with an access token that has the scope (`Authorization: Bearer`), and with `user` for the app's own session too. Then
 * a browser that asks for HTML gets a page at `path`, whose forms are posted there. Writes with a session are refused from
 * other origins: 403.
 *
 * @throws ConfigurationError `http.server`, `http.options`, `http.unknown_option`, `http.path`, `http.scope`,
 *   `http.unknown_scope`, `http.user`, `http.pages`, `http.describe_device`
 */
export function sessionsHandler<
  Req extends IncomingMessage = IncomingMessage,
  Res extends ServerResponse = ServerResponse,
>(server: AuthorizationServer, options: SessionsHandlerOptions<Req, Res>): SessionsHandler<Req, Res> {
  checkSessionsOptions(caller, server, options, ['path'])
  const { path, ...rest } = options
  return belowPath(caller, path, '/account/sessions', sessionsRoutes(caller, server, rest))
}
