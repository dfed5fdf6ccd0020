import { OAuthError } from '@oauth-ratchet/core'
import type {
  AuthorizationServer,
  EndpointRequest,
  EndpointResponse,
  PendingAuthorization,
  SignIn,
} from '@oauth-ratchet/core'
import type { IncomingMessage, ServerResponse } from 'node:http'
import type { Decision } from './callbacks.js'
import { readForm } from '../messages/read-form.js'
import { readRequest } from '../messages/read-request.js'
import { writeResponse } from '../messages/write-response.js'
import { askForRecentSignIn } from './ask-sign-in.js'
import { browsersOf, retireFormCookie } from './browser-cookie.js'
import { pageRoute, runCallback } from './page-route.js'
import type { AuthorizationContext } from './page-route.js'
import { showStaleForm } from './show-error.js'

/** The hidden field that a consent form carries. */
export const consentField = 'ratchet_consent'

/** Where consent forms are posted to, as the browser sees it. */
export function decisionPath(server: AuthorizationServer): string {
  return new URL(server.settings.endpointUrl('authorize/decision')).pathname
}

/**
 * Takes the user's decision from a consent form. The form must be of this browser (its cookie) and of whoever is signed
 * in now: else a 403 page, no redirect and no code. Whoever is signed in must be so recently enough still. The `Origin`
 * header is not asked, since pages under `Referrer-Policy: no-referrer` send `null`.
 *
 * @see https://www.rfc-editor.org/rfc/rfc6749#section-10.12
 */
export function decisionRoute<Req extends IncomingMessage, Res extends ServerResponse>(
  context: AuthorizationContext<Req, Res>,
) {
  const { endpoint, server } = context
  return pageRoute(context, async (req, res) => {
    if (req.method !== 'POST') {
      throw new OAuthError('invalid_request', 'Use POST.', { status: 405, headers: { allow: 'POST' } })
    }
    const request = await readRequest(req, context)
    if (request === undefined) return
    const form = readForm(request)
    const sealed = form.get(consentField) ?? ''
    const browsers = browsersOf(server, req)
    const shown = await endpoint.peekConsent(sealed)
    if (shown === undefined) return showStaleForm(context, req, res, undefined)
    // The same request from its beginning: what any link to it does, and the user is asked again.
    const { returnTo } = endpoint.describe(shown.pending, false)
    if (!browsers.includes(shown.browser)) return showStaleForm(context, req, res, returnTo)
    const signIn = await askForRecentSignIn(context, req, res, shown.pending)
    if (signIn === undefined) return
    const pending = await endpoint.openConsent(sealed, signIn.subject, browsers)
    if (pending === undefined) return showStaleForm(context, req, res, returnTo)

    const response = await decide(context, req, res, request, pending, signIn)
    retireFormCookie(server, req, res, shown.browser)
    writeResponse(res, response)
  })
}

async function decide<Req extends IncomingMessage, Res extends ServerResponse>(
  context: AuthorizationContext<Req, Res>,
  req: Req,
  res: Res,
  request: EndpointRequest,
  pending: PendingAuthorization,
  signIn: SignIn,
): Promise<EndpointResponse> {
  const { endpoint, onDecision } = context
  if (pending.error !== undefined) return endpoint.refuse(pending, pending.error)
  const decision = readDecision(readForm(request), pending.scope)
  if (onDecision !== undefined) {
    const described = endpoint.describe(pending, false, signIn)
    await runCallback(context, res, 'onDecision', async () => {
      await onDecision(req, res, described, decision)
      return true
    })
  }
  return decision === 'deny'
    ? endpoint.refuse(pending, 'access_denied')
    : endpoint.grant(pending, signIn, decision.scope, request)
}

/** What the user chose: all that was asked for, or what is left of it where the form has `scope` fields. */
function readDecision(form: URLSearchParams, asked: readonly string[]): Decision {
  const decisions = form.getAll('decision')
  if (decisions.includes('deny')) return 'deny'
  if (!decisions.includes('approve'))
    throw new OAuthError('invalid_request', 'The form came without a decision: approve or deny.')
  if (!form.has('scope')) return { scope: asked }
  const kept = new Set(form.getAll('scope').flatMap((value) => value.split(' ')))
  return { scope: asked.filter((value) => kept.has(value)) }
}
