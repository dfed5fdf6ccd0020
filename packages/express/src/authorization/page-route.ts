import { CallbackError, isOAuthError } from '@oauth-ratchet/core'
import type { AuthorizationEndpoint, AuthorizationServer } from '@oauth-ratchet/core'
import type { NextFunction, Request, Response } from 'express'
import type { ConsentCallback, DecisionCallback, SignInCallback } from '../callbacks.js'
import { writeErrorPage } from '../pages/error-page.js'
import type { Warn } from '../warn-once.js'
import { removeCorsHeaders } from '../write-response.js'

/** What the routes of the authorization endpoint work with. */
export interface AuthorizationContext {
  readonly server: AuthorizationServer
  readonly endpoint: AuthorizationEndpoint
  readonly signIn: SignInCallback
  readonly consent: ConsentCallback | undefined
  readonly onDecision: DecisionCallback | undefined
  /** Errors of 500 and above go to `next`. */
  readonly passErrors: boolean
  readonly warn: Warn
}

/**
 * A route that a user's browser talks to: no page of another origin may read it (RFC 9700 §2.6), and what goes wrong is
 * shown on a page, or handed to the app's error handlers where it is the server's or the app's fault and the app has
 * asked for it.
 */
export function pageRoute(
  context: AuthorizationContext,
  work: (req: Request, res: Response) => Promise<void>,
): (req: Request, res: Response, next: NextFunction) => Promise<void> {
  return async (req, res, next) => {
    removeCorsHeaders(res)
    try {
      await work(req, res)
    } catch (error) {
      const shown = context.endpoint.toError(error)
      // A whole answer was sent: an error handler could only break it off.
      if (res.writableEnded) return
      if (context.passErrors && shown.status >= 500) next(shown)
      else if (!res.headersSent) writeErrorPage(res, shown)
      // Half an answer of a callback's: the browser must not take it for a whole one.
      else res.destroy()
    }
  }
}

/** Runs a callback of the app's. What it throws comes out as an error that tells the browser nothing of it. */
export async function runCallback<T>(name: string, callback: () => T | Promise<T>): Promise<T> {
  try {
    return await callback()
  } catch (error) {
    throw isOAuthError(error) ? error : new CallbackError(name, 'threw', error)
  }
}
