import { CallbackError, isGrantId, isOAuthError, misspeltMember, OAuthError } from '@oauth-ratchet/core'
import type { IncomingMessage, ServerResponse } from 'node:http'
import { bearerToken } from '../guard/bearer-token.js'
import type { TokenGuard } from '../guard/token-guard.js'
import type { SessionsUser, SessionsUserCallback } from './sessions-options.js'

/** Whose sessions a request is about. */
export interface SessionOwner extends SessionsUser {
  /** A browser sends the app's session by itself, and an access token only when a program puts it there. */
  readonly by: 'token' | 'session'
}

export interface OwnerSources<Req, Res> {
  /** Undefined: the server has no scope for it. */
  readonly guard: TokenGuard<Req> | undefined
  readonly user: SessionsUserCallback<Req, Res> | undefined
}

/**
 * Who asks: by the access token that the request shows, or else by the app's session. Undefined when the app has answered.
 *
 * @throws OAuthError 401, 403, 503 as `requireToken`; 401 `login_required` without a token and a user
 * @throws CallbackError when the app cannot say
 */
export async function sessionOwner<Req extends IncomingMessage, Res extends ServerResponse>(
  { guard, user }: OwnerSources<Req, Res>,
  req: Req,
  res: Res,
): Promise<SessionOwner | undefined> {
  if (guard !== undefined && (user === undefined || bearerToken(req).kind !== 'none')) {
    const { auth } = (await guard(req)) ?? {}
    // `subject: 'user'` has seen to that.
    if (auth?.subject === undefined) throw new OAuthError('invalid_token', 'This speaks for no user.')
    return { by: 'token', subject: auth.subject, grantId: auth.grantId }
  }
  const signedIn = await ask(user as SessionsUserCallback<Req, Res>, req, res)
  if (signedIn !== undefined) return { ...signedIn, by: 'session' }
  if (res.headersSent || res.writableEnded) return undefined
  throw new OAuthError('login_required', 'Nobody is signed in.', { status: 401 })
}

async function ask<Req, Res>(
  user: SessionsUserCallback<Req, Res>,
  req: Req,
  res: Res,
): Promise<SessionsUser | undefined> {
  let signedIn: SessionsUser | null | undefined | void
  try {
    signedIn = await user(req, res)
  } catch (error) {
    throw isOAuthError(error) ? error : new CallbackError('user', 'threw', error)
  }
  if (signedIn === undefined || signedIn === null) return undefined
  const misspelt = misspeltMember('It', { ...signedIn }, ['subject', 'session', 'grantId', 'name'])
  if (misspelt !== undefined) throw new CallbackError('user', `gave what cannot be read. ${misspelt}`)
  const { subject, session, grantId, name } = signedIn
  if (typeof subject !== 'string' || subject === '' || ![session, grantId, name].every(isAbsentOrText)) {
    throw new CallbackError(
      'user',
      'must give { subject, session?, grantId?, name? }, all of them non-empty strings',
    )
  }
  // Of another, this one would be shown as one of the others, and end with them.
  if (grantId !== undefined && !isGrantId(grantId)) {
    throw new CallbackError(
      'user',
      'gave a grantId that is the id of no grant: take that of `Auth` or of `Grant`',
    )
  }
  return { subject, session, grantId, name }
}

/** There and empty, it would show nothing as this one, and have all be ended as others. */
function isAbsentOrText(value: unknown): boolean {
  return value === undefined || (typeof value === 'string' && value !== '')
}
