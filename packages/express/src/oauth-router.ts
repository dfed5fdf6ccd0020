import { ConfigurationError, errorCors, OAuthError, preflight } from '@oauth-ratchet/core'
import type { AuthorizationServer, CorsPolicy, EndpointRequest, EndpointResponse } from '@oauth-ratchet/core'
import type { NextFunction, Request, RequestHandler, Response } from 'express'
import { authorizeRoute } from './authorization/authorize-route.js'
import { decisionRoute } from './authorization/decision-route.js'
import type { AuthorizationContext } from './authorization/page-route.js'
import type { ConsentCallback, DecisionCallback, SignInCallback } from './callbacks.js'
import { checkDeployment } from './check-deployment.js'
import { checkOptionNames, checkServer } from './check-server.js'
import { lastCatch } from './last-catch.js'
import { lookOf } from './pages/look.js'
import type { PagesSource } from './pages/pages-options.js'
import { readRequest } from './read-request.js'
import { rememberCookies } from './refresh-token-cookie/cookies-of-server.js'
import type { RefreshTokenCookieOptions } from './refresh-token-cookie/refresh-token-cookie-options.js'
import { refreshTokenCookies } from './refresh-token-cookie/refresh-token-cookies.js'
import { warnOnce } from './warn-once.js'
import { errorResponse, removeCorsHeaders, writeResponse } from './write-response.js'

export interface OAuthRouterOptions {
  /**
   * Signs the user in. With it the router has an authorization endpoint and the metadata tells of it; without it (the
   * default) it has none, which is right for apps that issue tokens from a login route of their own.
   */
  readonly signIn?: SignInCallback | undefined
  /**
   * Asks the user. Default: the built-in page, every time, remembering nothing. Needs `signIn`.
   */
  readonly consent?: ConsentCallback | undefined
  /** Called with what the user has decided on a consent page, before the browser is sent back to the client. */
  readonly onDecision?: DecisionCallback | undefined
  /**
   * Texts, language, logo and style of the built-in pages, and an error page of the app's own; or a function of the
   * request that gives them, for several languages. Needs `signIn`.
   */
  readonly pages?: PagesSource
  /**
   * Which pages may read the answers of token and revoke: `own` (default), those of the client's own origins; `*`, any
   * page, which a public client of unknown origin needs, and which lets every page that gets hold of a refresh token
   * use it from the user's browser. Those pages may also send credentials. Errors can be read by any
   * page either way. A token request of a page that may not read the answer, as its browser says (`Sec-Fetch-Site`), is
   * refused with 403 before a token is used up.
   */
  readonly cors?: CorsPolicy | undefined
  /**
   * Public clients whose refresh token is in an httpOnly cookie, out of reach of scripts, and not in token responses.
   * Their requests to token and revoke must come from a page of the issuer's origin or of the client's own (403 before a
   * token is used up), and use the cookie where the parameter is left out. An `invalid_grant` and a revocation clear it.
   * They have a grace of 10 s unless `reuseGrace` or the client's `reuse_grace` is set, since tabs share the cookie. Not with `cors: '*'`.
   * `sendTokens` does the same for a login route of the app's. Default: none.
   */
  readonly refreshTokenCookie?: RefreshTokenCookieOptions | undefined
  /**
   * True: what the authorization endpoint would show a page for with a status of 500 or above (a callback that threw, a
   * storage that cannot be reached) goes to the app's error handlers instead, by `next(error)`, so that they can report
   * it and show a page of their own: an `OAuthError` with `status`, `headers`, and what was thrown in its `cause`. Token,
   * revocation and introspection always answer in JSON. The event `request.failed` is raised either way. Default false.
   */
  readonly passErrors?: boolean | undefined
}

/** Answers a request. Does not reject: what goes wrong is answered too, or handed to `next`. */
type Route = (req: Request, res: Response, next: NextFunction) => Promise<void>

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
 *   `express.consent`, `express.on_decision`, `express.pages`, `express.cors`, `express.pass_errors`, `express.refresh_token_cookie`, `refreshTokenCookie.clients`
 * @see https://www.rfc-editor.org/rfc/rfc6749#section-3
 */
export function oauthRouter(server: AuthorizationServer, options: OAuthRouterOptions = {}): RequestHandler {
  checkServer('oauthRouter', server)
  checkOptions(options)
  const warn = warnOnce()
  const check = checkDeployment(server, warn)
  const { endpoints } = server
  const { signIn, consent, onDecision, pages = {}, cors = 'own', passErrors = false } = options
  const { refreshTokenCookie } = options
  const cookies = refreshTokenCookie && refreshTokenCookies(server, refreshTokenCookie)
  rememberCookies(server, cookies)
  const backChannel = { cors, refreshTokenCookies: cookies }
  const routes = new Map<string, Route>([
    ['/token', jsonRoute(server, (request) => endpoints.token(request, backChannel), cors)],
    ['/revoke', jsonRoute(server, (request) => endpoints.revoke(request, backChannel), cors)],
    ['/introspect', jsonRoute(server, (request) => endpoints.introspect(request), undefined)],
    ['/jwks', jwksRoute(server)],
  ])
  if (signIn !== undefined) {
    const endpoint = endpoints.authorization()
    const context: AuthorizationContext = {
      server,
      endpoint,
      signIn,
      consent,
      onDecision,
      pages: typeof pages === 'function' ? pages : lookOf(pages),
      passErrors,
      warn,
    }
    routes.set('/authorize', authorizeRoute(context))
    routes.set('/authorize/decision', decisionRoute(context))
  }
  return (req, res, next) => {
    // With a slash at the end too, as a route of Express would.
    const path = req.url.split('?', 1)[0] ?? ''
    const route = routes.get(path) ?? routes.get(path.replace(/\/$/, ''))
    if (route === undefined) return next()
    check(req)
    lastCatch(route(req, res, next), res, (error) => server.endpoints.toError(error))
  }
}

/** @param cors undefined: no page may read it, so that a preflight is refused like any other method */
function jsonRoute(
  server: AuthorizationServer,
  endpoint: (request: EndpointRequest) => Promise<EndpointResponse>,
  cors: CorsPolicy | undefined,
): Route {
  return answering(server, async (req) => {
    if (req.method === 'OPTIONS' && cors !== undefined) return preflight('POST', req)
    try {
      const request = await readRequest(req)
      return request && (await endpoint(request))
    } catch (error) {
      // Only reading fails here; the page that sent too much may read why, as it may every error.
      const response = errorResponse(server.endpoints.toError(error))
      const { origin } = req.headers
      return cors === undefined || origin === undefined
        ? response
        : { ...response, headers: { ...response.headers, ...errorCors(origin) } }
    }
  })
}

function jwksRoute(server: AuthorizationServer): Route {
  return answering(server, (req) => {
    if (req.method === 'GET' || req.method === 'HEAD') return server.endpoints.jwks()
    if (req.method === 'OPTIONS') return preflight('GET, HEAD', req)
    return errorResponse(
      new OAuthError('invalid_request', 'Use GET.', { status: 405, headers: { allow: 'GET, HEAD' } }),
    )
  })
}

/** @param answer gives undefined when there is nobody left to answer */
function answering(
  server: AuthorizationServer,
  answer: (req: Request) => EndpointResponse | undefined | Promise<EndpointResponse | undefined>,
): Route {
  return async (req, res) => {
    try {
      const response = await answer(req)
      if (response === undefined) return
      removeCorsHeaders(res)
      writeResponse(res, response)
    } catch (error) {
      // The endpoints do not throw: this is a fault of ours, or of a middleware that has replaced Node's request.
      writeResponse(res, errorResponse(server.endpoints.toError(error)))
    }
  }
}

function checkOptions(options: OAuthRouterOptions): void {
  const known = ['signIn', 'consent', 'onDecision', 'pages', 'cors', 'passErrors', 'refreshTokenCookie']
  checkOptionNames('oauthRouter', options, known)
  const { signIn, consent, onDecision, pages, cors, passErrors } = options
  const callbacks = { signIn, consent, onDecision }
  const codes = { signIn: 'sign_in', consent: 'consent', onDecision: 'on_decision' } as const
  for (const name of ['signIn', 'consent', 'onDecision'] as const) {
    const callback: unknown = callbacks[name]
    if (callback === undefined) continue
    if (typeof callback !== 'function') {
      throw new ConfigurationError(`express.${codes[name]}`, `oauthRouter: ${name} must be a function.`)
    }
    if (signIn === undefined) {
      throw new ConfigurationError(
        `express.${codes[name]}`,
        `oauthRouter: ${name} is given without signIn, so that there is no authorization endpoint to use it.`,
      )
    }
  }
  if (pages !== undefined && signIn === undefined) {
    throw new ConfigurationError(
      'express.pages',
      'oauthRouter: pages is given without signIn, so that there are no pages.',
    )
  }
  if (cors !== undefined && cors !== 'own' && cors !== '*') {
    throw new ConfigurationError('express.cors', "oauthRouter: cors must be 'own' or '*'.")
  }
  if (passErrors !== undefined && typeof passErrors !== 'boolean') {
    throw new ConfigurationError('express.pass_errors', 'oauthRouter: passErrors must be true or false.')
  }
  if (cors === '*' && options.refreshTokenCookie !== undefined) {
    throw new ConfigurationError(
      'express.cors',
      "oauthRouter: cors '*' beside refreshTokenCookie would let any page act for whoever is signed in.",
    )
  }
}
