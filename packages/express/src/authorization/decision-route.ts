import { OAuthError } from '@oauth-ratchet/core'
import type { EndpointRequest } from '@oauth-ratchet/core'
import type { Decision } from '../callbacks.js'
import { readRequest } from '../read-request.js'
import { writeResponse } from '../write-response.js'
import { askSignIn } from './ask-sign-in.js'
import { browserOf } from './browser-cookie.js'
import { pageRoute, runCallback } from './page-route.js'
import type { AuthorizationContext } from './page-route.js'

/** The hidden field that a consent form carries. */
export const consentField = 'ratchet_consent'

/** Where consent forms are posted to, as the browser sees it. */
export function decisionPath({ server }: AuthorizationContext): string {
  return new URL(server.settings.endpointUrl('authorize/decision')).pathname
}

/**
 * Takes the user's decision from a consent form. The form must be of this browser (its cookie) and of whoever is signed
 * in now: else a 403 page, no redirect and no code. The `Origin` header is not asked, since pages under
 * `Referrer-Policy: no-referrer` send `null`.
 *
 * @see https://www.rfc-editor.org/rfc/rfc6749#section-10.12
 */
export function decisionRoute(context: AuthorizationContext) {
  const { endpoint } = context
  return pageRoute(context, async (req, res) => {
    if (req.method !== 'POST') {
      throw new OAuthError('invalid_request', 'Use POST.', { status: 405, headers: { allow: 'POST' } })
    }
    const request = await readRequest(req)
    if (request === undefined) return
    const form = readForm(request)
    const sealed = form.get(consentField)
    const browser = browserOf(context.server, req)
    if (sealed === null || browser === undefined) throw staleForm()
    const unproven = await endpoint.peekConsent(sealed)
    if (unproven === undefined) throw staleForm()
    const signIn = await askSignIn(context, req, res, unproven, false)
    if (signIn === undefined) return
    const pending = await endpoint.openConsent(sealed, signIn.subject, browser)
    if (pending === undefined) throw staleForm()
    if (pending.error !== undefined) return writeResponse(res, endpoint.refuse(pending, pending.error))

    const decision = readDecision(form, pending.scope)
    const described = endpoint.describe(pending, false)
    await runCallback('onDecision', () => context.onDecision?.(req, res, described, decision))
    const response =
      decision === 'deny'
        ? endpoint.refuse(pending, 'access_denied')
        : await endpoint.grant(pending, signIn, decision.scope)
    writeResponse(res, response)
  })
}

// Not the core's strict parser: checkboxes are repeated fields.
function readForm({ body }: EndpointRequest): URLSearchParams {
  if (body === undefined) return new URLSearchParams()
  if (body instanceof Uint8Array) return new URLSearchParams(Buffer.from(body).toString())
  const pairs = Object.entries(body).flatMap(([name, value]: [string, unknown]) =>
    [value].flat().map((single): [string, string] => [name, typeof single === 'string' ? single : '']),
  )
  return new URLSearchParams(pairs)
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

function staleForm(): OAuthError {
  return new OAuthError(
    'access_denied',
    'This form is too old, or was made for another browser or another account. Nothing was granted.',
    { status: 403 },
  )
}
