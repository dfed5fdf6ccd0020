import type { ServerResponse } from 'node:http'
import type { Warn } from '../caller/warn-once.js'

/**
 * Warns when the app puts a Content-Security-Policy with `form-action` on what leads to a client: found on the response
 * before the router has begun (helmet's default), or on a page that a callback has sent. Call it before the callbacks.
 */
export function watchFormAction(res: ServerResponse, warn: Warn): void {
  const check = (): void => {
    const policy = [res.getHeader('content-security-policy') ?? ''].flat().join(';')
    if (/(^|[;,])\s*form-action\b/i.test(policy)) warn('OAUTH_RATCHET_FORM_ACTION', advice)
  }
  check()
  // Error pages lead to no client.
  res.once('finish', () => {
    if (res.statusCode < 400) check()
  })
}

const advice =
  "The app's Content-Security-Policy has form-action, as helmet's default does. Chromium applies it to every redirect " +
  'that follows a form post: on a login or consent page of yours it keeps users there, with the code spent, when the ' +
  'client is on another origin or its callback leads on to one. Leave it out of the policy of these pages; with helmet: ' +
  "contentSecurityPolicy: { directives: { 'form-action': null } }. If they have a policy of their own that lacks it, " +
  'this can be ignored.'
