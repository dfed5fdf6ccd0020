import { CallbackError, isOAuthError, OAuthError } from '@oauth-ratchet/core'
import type { Auth } from '@oauth-ratchet/core'
import type { IncomingMessage, ServerResponse } from 'node:http'
import { bearerToken } from '../guard/bearer-token.js'
import type { TokenGuard } from '../guard/token-guard.js'
import type { AdminCallback, AdminOptions, AdminUser } from './admin-options.js'

/** Who sends a request, and how that was found out. */
export interface Administrator {
  /** For the events. */
  readonly by: string
  /** A browser sends the app's session by itself, and an access token only when a program puts it there. */
  readonly shown: 'token' | 'session'
}

export interface AdministratorSources<Req, Res> {
  /** Undefined: the server has no scope for it. */
  readonly guard: TokenGuard<Req> | undefined
  readonly isAdmin: AdminOptions<Req, Res>['isAdmin']
  readonly admin: AdminCallback<Req, Res> | undefined
}

/**
 * Who asks: by the access token that the request shows, or else by the app's session. Undefined when the app has answered.
 *
 * @throws OAuthError 401, 403, 503 as `requireToken`; 403 for a user who is no administrator; 401 `login_required` without
 *   a token and an administrator's session
 * @throws CallbackError when the app cannot say
 */
export async function administratorOf<Req extends IncomingMessage, Res extends ServerResponse>(
  { guard, isAdmin, admin }: AdministratorSources<Req, Res>,
  req: Req,
  res: Res,
): Promise<Administrator | undefined> {
  if (guard !== undefined && (admin === undefined || bearerToken(req).kind !== 'none')) {
    const { auth } = (await guard(req)) ?? {}
    if (auth === undefined) throw new OAuthError('invalid_token', 'An access token is needed.')
    return { shown: 'token', by: await holderOf(auth, isAdmin, req) }
  }
  const signedIn = await ask('admin', () => admin?.(req, res))
  if (signedIn !== undefined && signedIn !== null) return { shown: 'session', by: nameOf(signedIn) }
  if (res.headersSent || res.writableEnded) return undefined
  throw new OAuthError('login_required', 'No administrator is signed in.', { status: 401 })
}

async function holderOf<Req>(
  { subject, clientId, ...auth }: Auth,
  isAdmin: AdminOptions<Req>['isAdmin'],
  req: Req,
): Promise<string> {
  if (subject === undefined) return actor(`client:${clientId}`)
  const allowed = await ask('isAdmin', () => isAdmin?.({ ...auth, clientId, subject }, req) ?? false)
  if (typeof allowed !== 'boolean') throw new CallbackError('isAdmin', 'must answer true or false')
  if (allowed) return actor(subject)
  throw new OAuthError('access_denied', 'The user of this access token is no administrator.', { status: 403 })
}

async function ask<Answer>(name: string, callback: () => Answer | Promise<Answer>): Promise<Answer> {
  try {
    return await callback()
  } catch (error) {
    throw isOAuthError(error) ? error : new CallbackError(name, 'threw', error)
  }
}

function nameOf({ by }: AdminUser): string {
  if (typeof by === 'string' && /^\P{Cc}{1,255}$/u.test(by)) return by
  throw new CallbackError(
    'admin',
    'must give { by }, a string of 1 to 255 characters without control characters',
  )
}

// Of a token's own members not all fit into `by`: a change is not refused for that.
function actor(text: string): string {
  return /^.{0,255}/su.exec(text.replaceAll(/\p{Cc}/gu, '?'))?.[0] ?? ''
}
