import type { ConsentCallback, DecisionCallback } from '@oauth-ratchet/express'
import { hasConsented, rememberConsent } from './session.js'

/**
 * Asks on the built-in page once per client and scope in a browser session, and always with `prompt=consent`. For a
 * public client on loopback this lets another program of the same user have the consent unseen (RFC 8252 §8.6),
 * which a demo can bear; a real app asks such clients each time.
 */
export const consentCallback: ConsentCallback = (req, _res, { client, scope, prompt }) => {
  const mustAsk = prompt.includes('consent')
  return !mustAsk && hasConsented(req, client.client_id, scope) ? { scope } : 'ask'
}

/** Remembers what was said yes to. A no is asked about again. */
export const rememberDecision: DecisionCallback = (req, _res, { client }, decision) => {
  if (decision !== 'deny') rememberConsent(req, client.client_id, decision.scope)
}
