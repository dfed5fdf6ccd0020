import { CallbackError, isOAuthError } from '@oauth-ratchet/core'
import type { AuthorizationEndpoint } from '@oauth-ratchet/core'
import type { IncomingMessage, ServerResponse } from 'node:http'
import type { ConsentCallback, DecisionCallback, SignInCallback } from './callbacks.js'
import type { Edge } from '../messages/read-request.js'
import { removeCorsHeaders } from '../messages/write-response.js'
import { showError } from './show-error.js'
import type { Answer } from '../messages/answer.js'
import type { ErrorContext } from './show-error.js'
import { watchAnswer } from './watch-answer.js'
import type { AnswerWatch } from './watch-answer.js'
import { watchFormAction } from './watch-form-action.js'

/** What the routes of the authorization endpoint work with. */
export interface AuthorizationContext<Req, Res> extends ErrorContext<Req, Res>, Edge<Req> {
  readonly endpoint: AuthorizationEndpoint
  readonly signIn: SignInCallback<Req, Res>
  readonly consent: ConsentCallback<Req, Res> | undefined
  readonly onDecision: DecisionCallback<Req, Res> | undefined
  /** Errors of 500 and above go to `next`. */
  readonly passErrors: boolean
}

/**
 * A route that a user's browser talks to: no page of another origin may read it (RFC 9700 §2.6), and what goes wrong is
 * shown on a page, or handed to the app's error handlers where it is the server's or the app's fault and the app has
 * asked for it.
 */
export function pageRoute<Req extends IncomingMessage, Res extends ServerResponse>(
  context: AuthorizationContext<Req, Res>,
  work: (req: Req, res: Res) => Promise<void>,
): Answer<Req, Res> {
  return async (req, res, next) => {
    removeCorsHeaders(res)
    watchFormAction(res, context.warn)
    try {
      await work(req, res)
    } catch (error) {
      const shown = context.endpoint.toError(error)
      // A whole answer was sent: an error handler could only break it off.
      if (res.writableEnded) return
      if (context.passErrors && shown.status >= 500 && next !== undefined) next(shown)
      else if (!res.headersSent) await showError(context, req, res, shown)
      // Half an answer of a callback's: the browser must not take it for a whole one.
      else res.destroy()
    }
  }
}

/**
 * Runs a callback of the app's. What it throws comes out as an error that tells the browser nothing of it; that it leaves
 * the browser without an answer is warned of.
 *
 * @param name of the option, for messages
 */
export async function runCallback<T>(
  context: AnswerWatch,
  res: ServerResponse,
  name: string,
  callback: () => T | Promise<T>,
): Promise<T> {
  const stop = watchAnswer(context, res, name)
  try {
    const result = await callback()
    // With nothing the callback answers the request itself, and is watched until it has.
    if (result !== undefined && result !== null) stop()
    return result
  } catch (error) {
    stop()
    throw isOAuthError(error) ? error : new CallbackError(name, 'threw', error)
  }
}
