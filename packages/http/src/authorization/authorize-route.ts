import { CallbackError } from '@oauth-ratchet/core'
import type { EndpointRequest, PendingAuthorization, SignIn } from '@oauth-ratchet/core'
import type { IncomingMessage, ServerResponse } from 'node:http'
import type { ConsentRequest, ConsentResult } from './callbacks.js'
import { writeConsentPage } from '../pages/consent-page.js'
import { readRequest } from '../messages/read-request.js'
import { writeResponse } from '../messages/write-response.js'
import { askForRecentSignIn, askSignIn } from './ask-sign-in.js'
import { giveFormCookie } from './browser-cookie.js'
import { consentField, decisionPath } from './decision-route.js'
import { pageRoute, runCallback } from './page-route.js'
import type { AuthorizationContext } from './page-route.js'
import { lookFor } from './show-error.js'

/**
 * The authorization endpoint: checks the request, has the user signed in, has them asked, and sends the browser back.
 *
 * @see https://www.rfc-editor.org/rfc/rfc6749#section-4.1.1
 */
export function authorizeRoute<Req extends IncomingMessage, Res extends ServerResponse>(
  context: AuthorizationContext<Req, Res>,
) {
  return pageRoute(context, async (req, res) => {
    const request = await readRequest(req, context)
    if (request === undefined) return
    const pending = await context.endpoint.begin(request)
    if (pending.error !== undefined) return refuse(context, req, res, pending)
    const signIn = await askForRecentSignIn(context, req, res, pending)
    if (signIn !== undefined) await askConsent(context, req, res, request, pending, signIn)
  })
}

// An error goes back to the client only once somebody has signed in, so that a link to this server cannot be used to
// send people who just clicked it somewhere else (RFC 9700 §4.11.2). With `prompt=none` there is no user to deceive.
async function refuse<Req extends IncomingMessage, Res extends ServerResponse>(
  context: AuthorizationContext<Req, Res>,
  req: Req,
  res: Res,
  pending: PendingAuthorization,
): Promise<void> {
  if (pending.error === undefined) return
  const silent = pending.prompt.includes('none')
  if (!silent && (await askSignIn(context, req, res, pending, false)) === undefined) return
  writeResponse(res, context.endpoint.refuse(pending, pending.error))
}

async function askConsent<Req extends IncomingMessage, Res extends ServerResponse>(
  context: AuthorizationContext<Req, Res>,
  req: Req,
  res: Res,
  received: EndpointRequest,
  pending: PendingAuthorization,
  signIn: SignIn,
): Promise<void> {
  const { endpoint, server, consent } = context
  const { browser, takeBack } = giveFormCookie(server, req, res)
  const request = consentRequest(context, pending, signIn, browser)
  const result =
    consent === undefined
      ? 'ask'
      : await runCallback(context, res, 'consent', () => consent(req, res, request))
  if (res.headersSent) return
  const granted = readResult(result)
  const silent = pending.prompt.includes('none')
  // A form that nobody is shown needs no cookie: a browser has room for ten.
  if (silent || (granted !== 'ask' && granted !== undefined)) takeBack()
  if (granted === 'deny') return writeResponse(res, endpoint.refuse(pending, 'access_denied'))
  if (typeof granted === 'object')
    return writeResponse(res, await endpoint.grant(pending, signIn, granted.scope, received))
  if (silent) return writeResponse(res, endpoint.refuse(pending, 'consent_required'))
  if (granted === 'ask') {
    writeConsentPage(res, {
      look: lookFor(context, req),
      request,
      name: signIn.name,
      descriptionOf: (scope) => endpoint.scopeDescription(scope),
    })
  }
}

function consentRequest<Req, Res>(
  context: AuthorizationContext<Req, Res>,
  pending: PendingAuthorization,
  signIn: SignIn,
  browser: string,
): ConsentRequest {
  return {
    ...context.endpoint.describe(pending, false, signIn),
    form: {
      action: decisionPath(context.server),
      fields: { [consentField]: context.endpoint.sealConsent(pending, signIn.subject, browser) },
    },
  }
}

function readResult(result: ConsentResult): 'deny' | 'ask' | { scope: string[] } | undefined {
  if (result === undefined || result === null) return undefined
  if (result === 'deny' || result === 'ask') return result
  const scope: unknown = (result as { scope?: unknown }).scope
  if (typeof scope === 'string') return { scope: scope.split(' ') }
  if (Array.isArray(scope) && scope.every((value) => typeof value === 'string')) return { scope }
  throw new CallbackError('consent', "must give { scope }, 'deny', 'ask' or nothing")
}
