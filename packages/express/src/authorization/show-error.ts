import { CallbackError } from '@oauth-ratchet/core'
import type { AuthorizationEndpoint, AuthorizationServer, OAuthError } from '@oauth-ratchet/core'
import type { Request, Response } from 'express'
import { writeErrorPage, writeStaleFormPage } from '../pages/error-page.js'
import { lookOf, plainLook } from '../pages/look.js'
import type { Look } from '../pages/look.js'
import type { PageError, PagesOptions } from '../pages/pages-options.js'
import { pageHeaders } from '../pages/write-page.js'
import type { Warn } from '../warn-once.js'
import { watchAnswer } from './watch-answer.js'

/** What it takes to show an error. */
export interface ErrorContext {
  readonly server: AuthorizationServer
  readonly endpoint: Pick<AuthorizationEndpoint, 'toError'>
  /** The app's `pages` option: checked, or a function that is asked for each page. */
  readonly pages: Look | ((req: Request) => PagesOptions)
  readonly warn: Warn
}

/**
 * How a page is to look for this request.
 *
 * @throws CallbackError where the app's `pages` function throws, or gives what cannot work
 */
export function lookFor({ pages }: ErrorContext, req: Request): Look {
  if (typeof pages !== 'function') return pages
  try {
    return lookOf(pages(req))
  } catch (error) {
    throw new CallbackError(
      'pages',
      `failed: ${error instanceof Error ? error.message : String(error)}`,
      error,
    )
  }
}

/** Shows an error on the app's error page, or else on the built-in one. Nothing may have been sent yet. */
export async function showError(
  context: ErrorContext,
  req: Request,
  res: Response,
  error: OAuthError,
): Promise<void> {
  const look = safeLookFor(context, req)
  const { status, code, message } = error
  if (
    await showOwnPage(
      context,
      req,
      res,
      look,
      { status, code, message, startAgain: undefined },
      error.headers,
    )
  )
    return
  writeErrorPage(res, look, error)
}

/** Shows that a consent form is not good (any more). */
export async function showStaleForm(
  context: ErrorContext,
  req: Request,
  res: Response,
  startAgain: string | undefined,
): Promise<void> {
  const look = safeLookFor(context, req)
  const error = { status: 403, code: 'access_denied', message: look.texts.formStaleAdvice, startAgain }
  if (!(await showOwnPage(context, req, res, look, error))) writeStaleFormPage(res, look, startAgain)
}

/** Whether the app has an error page, and has answered with it. What goes wrong there raises `request.failed`. */
async function showOwnPage(
  context: ErrorContext,
  req: Request,
  res: Response,
  look: Look,
  error: PageError,
  headers: Readonly<Record<string, string>> = {},
): Promise<boolean> {
  if (look.errorPage === undefined) return false
  try {
    res.status(error.status).set({ ...headers, ...pageHeaders })
    watchAnswer(context, res, 'pages.errorPage')
    await look.errorPage(req, res, error)
    return true
  } catch (fault) {
    context.endpoint.toError(new CallbackError('errorPage', 'threw', fault))
    if (!res.headersSent) return false
    if (!res.writableEnded) res.destroy()
    return true
  }
}

// The page that says that something failed must not fail of the same.
function safeLookFor(context: ErrorContext, req: Request): Look {
  try {
    return lookFor(context, req)
  } catch (fault) {
    context.endpoint.toError(fault)
    return plainLook
  }
}
