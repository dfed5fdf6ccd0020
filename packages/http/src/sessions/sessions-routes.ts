import type { AuthorizationServer, OAuthError } from '@oauth-ratchet/core'
import type { IncomingMessage, ServerResponse } from 'node:http'
import { showError } from '../authorization/show-error.js'
import type { Caller } from '../caller/caller.js'
import { warnOnce } from '../caller/warn-once.js'
import { tokenGuard } from '../guard/token-guard.js'
import { lastCatch } from '../messages/last-catch.js'
import { queryOf } from '../messages/query-of.js'
import { errorResponse, removeCorsHeaders, writeResponse } from '../messages/write-response.js'
import { lookOf } from '../pages/look.js'
import { sessionOwner } from './session-owner.js'
import type { SessionsContext } from './sessions-context.js'
import { sessionsJson } from './sessions-json.js'
import { defaultScope } from './sessions-options.js'
import type { SessionsOptions } from './sessions-options.js'
import { answerForm, answerPage } from './sessions-page-routes.js'

/** Answers a request below the mount path; false: nothing is there. */
export type SessionsRoutes<Req, Res> = (req: Req, res: Res, path: string) => boolean

/**
 * The list at the mount path, and each session below it by its id.
 *
 * @param options checked already
 * @throws ConfigurationError for `pages` that cannot work
 */
export function sessionsRoutes<Req extends IncomingMessage, Res extends ServerResponse>(
  caller: Caller,
  server: AuthorizationServer,
  options: SessionsOptions<Req, Res>,
): SessionsRoutes<Req, Res> {
  const { scope = defaultScope, user, pages = {}, describeDevice } = options
  const toError = (error: unknown): OAuthError => server.endpoints.toError(error)
  const context: SessionsContext<Req, Res> = {
    caller,
    server,
    user,
    describeDevice,
    guard: server.settings.scopes.has(scope)
      ? tokenGuard(caller, server, { scope, subject: 'user' })
      : undefined,
    pages: typeof pages === 'function' ? pages : lookOf(caller, pages),
    endpoint: { toError },
    warn: warnOnce(),
  }
  return (req, res, path) => {
    const id = /^\/([^/]+)$/.exec(path)?.[1]
    if (id === undefined && path !== '' && path !== '/') return false
    lastCatch(answer(context, req, res, id), res, toError)
    return true
  }
}

async function answer<Req extends IncomingMessage, Res extends ServerResponse>(
  context: SessionsContext<Req, Res>,
  req: Req,
  res: Res,
  id: string | undefined,
): Promise<void> {
  removeCorsHeaders(res)
  const isPage = context.user !== undefined && id === undefined && wantsPage(req)
  try {
    const owner = await sessionOwner(context, req, res)
    if (owner === undefined) return
    const query = queryOf(req)
    if (owner.by === 'token' || !isPage) {
      const response = await sessionsJson(context, owner, req, { id, query })
      writeResponse(res, { ...response, headers: { ...response.headers, vary: 'Accept' } })
    } else if (req.method === 'POST') await answerForm(context, owner, req, res)
    else await answerPage(context, owner, req, res, query)
  } catch (error) {
    const shown = context.endpoint.toError(error)
    if (res.headersSent) res.destroy()
    else if (isPage) await showError(context, req, res, shown)
    else writeResponse(res, errorResponse(shown))
  }
}

/** Forms are posted by the page; what asks for HTML is a browser. */
function wantsPage(req: IncomingMessage): boolean {
  if (req.method === 'POST') return true
  return (req.method === 'GET' || req.method === 'HEAD') && /\btext\/html\b/i.test(req.headers.accept ?? '')
}
