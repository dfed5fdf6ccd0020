import { OAuthError } from '@oauth-ratchet/core'
import type { AuthorizationServer } from '@oauth-ratchet/core'
import type { IncomingMessage, ServerResponse } from 'node:http'
import type { Caller } from '../caller/caller.js'
import { assertOwnPage } from '../guard/own-page.js'
import { tokenGuard } from '../guard/token-guard.js'
import { lastCatch } from '../messages/last-catch.js'
import { queryOf } from '../messages/query-of.js'
import { readJson } from '../messages/read-json.js'
import { errorResponse, removeCorsHeaders, writeResponse } from '../messages/write-response.js'
import type { AdminContext } from './admin-context.js'
import { administratorOf } from './administrator.js'
import { defaultScope } from './admin-options.js'
import type { AdminOptions } from './admin-options.js'
import { findAdminPath } from './find-admin-path.js'
import type { AdminPath } from './find-admin-path.js'

/** Answers a request below the mount path; false: nothing is there. */
export type AdminRoutes<Req, Res> = (req: Req, res: Res, path: string) => boolean

/**
 * Grants and clients below the mount path.
 *
 * @param options checked already
 */
export function adminRoutes<Req extends IncomingMessage, Res extends ServerResponse>(
  caller: Caller,
  server: AuthorizationServer,
  options: AdminOptions<Req, Res>,
): AdminRoutes<Req, Res> {
  const { scope = defaultScope, isAdmin, admin } = options
  const context: AdminContext<Req, Res> = {
    caller,
    server,
    isAdmin,
    admin,
    guard: server.settings.scopes.has(scope) ? tokenGuard(caller, server, { scope }) : undefined,
    clientAddress: () => undefined,
  }
  return (req, res, path) => {
    const found = findAdminPath(path)
    if (found === undefined) return false
    lastCatch(answer(context, req, res, found), res, (error) => server.endpoints.toError(error))
    return true
  }
}

/** Who asks comes first: to anybody else every path and method looks the same. */
async function answer<Req extends IncomingMessage, Res extends ServerResponse>(
  context: AdminContext<Req, Res>,
  req: Req,
  res: Res,
  { id, routes }: AdminPath,
): Promise<void> {
  const { server } = context
  removeCorsHeaders(res)
  try {
    const administrator = await administratorOf(context, req, res)
    if (administrator === undefined) return
    const { method = '' } = req
    const reads = method === 'GET' || method === 'HEAD'
    const route = routes.get(method === 'HEAD' ? 'GET' : method)
    if (route === undefined) throw unknownMethod(routes)
    if (!reads && administrator.shown === 'session') assertOwnPage(req)
    const query = queryOf(req)
    checkQuery(query, route.query ?? [])
    const body = route.body === true ? await readJson(req, context) : {}
    // The client has gone away.
    if (body === undefined) return
    writeResponse(res, await route.answer({ server, by: administrator.by, id, query, body }))
  } catch (error) {
    const shown = server.endpoints.toError(error)
    if (res.headersSent) res.destroy()
    else writeResponse(res, errorResponse(shown))
  }
}

// A misspelt filter filters nothing, and of one that is there twice only the first would count: more would end than meant.
function checkQuery(query: URLSearchParams, known: readonly string[]): void {
  for (const name of query.keys()) {
    if (!known.includes(name)) {
      const has = known.length === 0 ? 'none' : `only ${known.join(', ')}`
      throw new OAuthError(
        'invalid_request',
        `The query has a parameter that is not known here: ${has} may be there.`,
      )
    }
    const values = query.getAll(name)
    if (values.length > 1 || values[0] === '') {
      throw new OAuthError('invalid_request', `${name} must be in the query once, and not be empty.`)
    }
  }
}

function unknownMethod(routes: AdminPath['routes']): OAuthError {
  const allow = [...routes.keys()].flatMap((name) => (name === 'GET' ? ['GET', 'HEAD'] : [name])).join(', ')
  return new OAuthError('invalid_request', 'This method is not known here.', {
    status: 405,
    headers: { allow },
  })
}
