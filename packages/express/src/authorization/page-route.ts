import { CallbackError, isOAuthError } from '@oauth-ratchet/core'
import type { AuthorizationEndpoint, AuthorizationServer } from '@oauth-ratchet/core'
import type { Request, Response } from 'express'
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
  readonly warn: Warn
}

/**
 * A route that a user's browser talks to: no page of another origin may read it (RFC 9700 §2.6), and what goes wrong is
 * shown on a page.
 */
export function pageRoute(
  context: AuthorizationContext,
  work: (req: Request, res: Response) => Promise<void>,
): (req: Request, res: Response) => Promise<void> {
  return async (req, res) => {
    removeCorsHeaders(res)
    try {
      await work(req, res)
    } catch (error) {
      const shown = context.endpoint.toError(error)
      if (!res.headersSent) writeErrorPage(res, shown)
      // Half an answer of a callback's: the browser must not take it for a whole one.
      else if (!res.writableEnded) res.destroy()
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
