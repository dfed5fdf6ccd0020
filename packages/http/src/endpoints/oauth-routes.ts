import { errorCors, OAuthError, preflight } from '@oauth-ratchet/core'
import type { AuthorizationServer, CorsPolicy, EndpointRequest, EndpointResponse } from '@oauth-ratchet/core'
import type { IncomingMessage, ServerResponse } from 'node:http'
import { authorizeRoute } from '../authorization/authorize-route.js'
import { decisionRoute } from '../authorization/decision-route.js'
import type { AuthorizationContext } from '../authorization/page-route.js'
import type { Warn } from '../caller/warn-once.js'
import type { Answer, Next } from '../messages/answer.js'
import { lastCatch } from '../messages/last-catch.js'
import { readRequest } from '../messages/read-request.js'
import type { Edge } from '../messages/read-request.js'
import { errorResponse, removeCorsHeaders, writeResponse } from '../messages/write-response.js'
import { lookOf } from '../pages/look.js'
import { rememberCookies } from '../refresh-token-cookie/cookies-of-server.js'
import { refreshTokenCookies } from '../refresh-token-cookie/refresh-token-cookies.js'
import type { OAuthOptions } from './oauth-options.js'

/** Answers a request, or hands an error to `next`. What fails ends with this one answer. */
export type Route<Req, Res> = (req: Req, res: Res, next: Next | undefined) => void

/**
 * The endpoints by their path below the mount path, with a slash at the end too, as routers take it: `token`, `revoke`,
 * `introspect`, `jwks`, and with `signIn` also `authorize` and `authorize/decision`.
 *
 * @param options checked already
 * @throws ConfigurationError for `pages` and `refreshTokenCookie` that cannot work
 */
export function oauthRoutes<Req extends IncomingMessage, Res extends ServerResponse>(
  server: AuthorizationServer,
  options: OAuthOptions<Req, Res>,
  edge: Edge<Req> & { readonly warn: Warn },
): Map<string, Route<Req, Res>> {
  const { endpoints } = server
  const { caller } = edge
  const { signIn, consent, onDecision, pages = {}, cors = 'own', passErrors = false } = options
  const { refreshTokenCookie } = options
  const cookies = refreshTokenCookie && refreshTokenCookies(caller, server, refreshTokenCookie)
  rememberCookies(server, cookies)
  const backChannel = { cors, refreshTokenCookies: cookies }
  const answers: [string, Answer<Req, Res>][] = [
    ['/token', jsonAnswer(server, edge, (request) => endpoints.token(request, backChannel), cors)],
    ['/revoke', jsonAnswer(server, edge, (request) => endpoints.revoke(request, backChannel), cors)],
    ['/introspect', jsonAnswer(server, edge, (request) => endpoints.introspect(request), undefined)],
    ['/jwks', jwksAnswer(server)],
  ]
  if (signIn !== undefined) {
    const context: AuthorizationContext<Req, Res> = {
      ...edge,
      server,
      endpoint: endpoints.authorization(),
      signIn,
      consent,
      onDecision,
      pages: typeof pages === 'function' ? pages : lookOf(caller, pages),
      passErrors,
    }
    answers.push(['/authorize', authorizeRoute(context)], ['/authorize/decision', decisionRoute(context)])
  }
  const report = (error: unknown) => endpoints.toError(error)
  return new Map(
    answers.flatMap(([path, answer]): [string, Route<Req, Res>][] => {
      const route: Route<Req, Res> = (req, res, next) => lastCatch(answer(req, res, next), res, report)
      return [
        [path, route],
        [`${path}/`, route],
      ]
    }),
  )
}

/** @param cors undefined: no page may read it, so that a preflight is refused like any other method */
function jsonAnswer<Req extends IncomingMessage, Res extends ServerResponse>(
  server: AuthorizationServer,
  edge: Edge<Req>,
  endpoint: (request: EndpointRequest) => Promise<EndpointResponse>,
  cors: CorsPolicy | undefined,
): Answer<Req, Res> {
  // One async function from the request to the answer: this is on the path of a refresh.
  return async (req, res) => {
    let response: EndpointResponse
    try {
      if (req.method === 'OPTIONS' && cors !== undefined) response = preflight('POST', req)
      else {
        const request = await readRequest(req, edge)
        // There is nobody left to answer.
        if (request === undefined) return
        response = await endpoint(request)
      }
    } catch (error) {
      // Only reading fails here; the page that sent too much may read why, as it may every error.
      response = errorResponse(server.endpoints.toError(error))
      const { origin } = req.headers
      if (cors !== undefined && origin !== undefined)
        response = { ...response, headers: { ...response.headers, ...errorCors(origin) } }
    }
    send(server, res, response)
  }
}

function jwksAnswer<Req extends IncomingMessage, Res extends ServerResponse>(
  server: AuthorizationServer,
): Answer<Req, Res> {
  return async (req, res) => {
    if (req.method === 'GET' || req.method === 'HEAD') send(server, res, server.endpoints.jwks())
    else if (req.method === 'OPTIONS') send(server, res, preflight('GET, HEAD', req))
    else {
      const refused = { status: 405, headers: { allow: 'GET, HEAD' } }
      send(server, res, errorResponse(new OAuthError('invalid_request', 'Use GET.', refused)))
    }
  }
}

function send(server: AuthorizationServer, res: ServerResponse, response: EndpointResponse): void {
  // Somebody has answered meanwhile, as a middleware does that limits the time.
  if (res.headersSent) return
  try {
    removeCorsHeaders(res)
    writeResponse(res, response)
  } catch (error) {
    // Half an answer is nothing to write another into: it is cut off.
    if (res.headersSent) throw error
    // A fault of ours, or of a middleware that has replaced Node's response.
    writeResponse(res, errorResponse(server.endpoints.toError(error)))
  }
}
