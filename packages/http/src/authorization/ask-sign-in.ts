import { CallbackError } from '@oauth-ratchet/core'
import type { PendingAuthorization, SignIn } from '@oauth-ratchet/core'
import type { IncomingMessage, ServerResponse } from 'node:http'
import type { Warn } from '../caller/warn-once.js'
import { writeResponse } from '../messages/write-response.js'
import { runCallback } from './page-route.js'
import type { AuthorizationContext } from './page-route.js'

/**
 * Asks the app who is signed in, and asks again for a new sign-in where the request wants a more recent one. Undefined
 * when the request has been answered, by the app or here.
 */
export async function askForRecentSignIn<Req extends IncomingMessage, Res extends ServerResponse>(
  context: AuthorizationContext<Req, Res>,
  req: Req,
  res: Res,
  pending: PendingAuthorization,
): Promise<SignIn | undefined> {
  const { endpoint } = context
  const silent = pending.prompt.includes('none')
  const mustReauthenticate = endpoint.asksForLogin(pending)
  const first = await askSignIn(context, req, res, pending, mustReauthenticate)
  if (first === undefined || endpoint.isRecentEnough(pending, first)) return first
  if (first.authTime === undefined) warnOfAuthTime(context.warn)

  // Without a time a new sign-in looks like an old one: asking again after one would go on for ever.
  const hopeless = first.authTime === undefined && pending.reauthenticateSince !== undefined
  if (!silent && !mustReauthenticate && !hopeless) {
    const second = await askSignIn(context, req, res, pending, true)
    if (second === undefined || endpoint.isRecentEnough(pending, second)) return second
  }
  writeResponse(res, endpoint.refuse(pending, 'login_required'))
  return undefined
}

/** Asks the app once. With `prompt=none` nobody signed in and nothing answered is `login_required`. */
export async function askSignIn<Req extends IncomingMessage, Res extends ServerResponse>(
  context: AuthorizationContext<Req, Res>,
  req: Req,
  res: Res,
  pending: PendingAuthorization,
  mustReauthenticate: boolean,
): Promise<SignIn | undefined> {
  const request = context.endpoint.describe(pending, mustReauthenticate)
  const signIn = await runCallback(context, res, 'signIn', () => context.signIn(req, res, request))
  if (signIn === undefined || signIn === null) {
    if (pending.prompt.includes('none'))
      writeResponse(res, context.endpoint.refuse(pending, 'login_required'))
    return undefined
  }
  // All of it, before anything is shown: a mistake in it would else come to light after the user has consented.
  try {
    context.endpoint.checkSignIn(signIn)
  } catch (error) {
    throw new CallbackError('signIn', `gave what is no sign-in: ${(error as Error).message}`)
  }
  return signIn
}

function warnOfAuthTime(warn: Warn): void {
  warn(
    'OAUTH_RATCHET_AUTH_TIME',
    'A client asked for a recent sign-in (max_age or prompt=login), and signIn gave no authTime: such requests are ' +
      'refused with login_required. Give authTime, the time at which the user has signed in.',
  )
}
