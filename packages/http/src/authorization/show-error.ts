import { CallbackError } from '@oauth-ratchet/core'
import type { AuthorizationEndpoint, OAuthError } from '@oauth-ratchet/core'
import type { IncomingMessage, ServerResponse } from 'node:http'
import type { Caller } from '../caller/caller.js'
import { writeErrorPage, writeStaleFormPage } from '../pages/error-page.js'
import { lookOf, plainLook } from '../pages/look.js'
import type { Look } from '../pages/look.js'
import type { PageError, PagesOptions } from '../pages/pages-options.js'
import { pageHeaders } from '../pages/write-page.js'
import { watchAnswer } from './watch-answer.js'
import type { AnswerWatch } from './watch-answer.js'

/** What it takes to show an error. */
export interface ErrorContext<Req, Res> extends AnswerWatch {
  readonly caller: Caller
  readonly endpoint: Pick<AuthorizationEndpoint, 'toError'>
  /** The app's `pages` option: checked, or a function that is asked for each page. */
  readonly pages: Look<Req, Res> | ((req: Req) => PagesOptions<Req, Res>)
}

/**
 * How a page is to look for this request.
 *
 * @throws CallbackError where the app's `pages` function throws, or gives what cannot work
 */
export function lookFor<Req, Res>({ caller, pages }: ErrorContext<Req, Res>, req: Req): Look<Req, Res> {
  if (typeof pages !== 'function') return pages
  try {
    return lookOf(caller, pages(req))
  } catch (error) {
    throw new CallbackError(
      'pages',
      `failed: ${error instanceof Error ? error.message : String(error)}`,
      error,
    )
  }
}

/** Shows an error on the app's error page, or else on the built-in one. Nothing may have been sent yet. */
export async function showError<Req extends IncomingMessage, Res extends ServerResponse>(
  context: ErrorContext<Req, Res>,
  req: Req,
  res: Res,
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
export async function showStaleForm<Req extends IncomingMessage, Res extends ServerResponse>(
  context: ErrorContext<Req, Res>,
  req: Req,
  res: Res,
  startAgain: string | undefined,
): Promise<void> {
  const look = safeLookFor(context, req)
  const error = { status: 403, code: 'access_denied', message: look.texts.formStaleAdvice, startAgain }
  if (!(await showOwnPage(context, req, res, look, error))) writeStaleFormPage(res, look, startAgain)
}

/** Whether the app has an error page, and has answered with it. What goes wrong there raises `request.failed`. */
async function showOwnPage<Req extends IncomingMessage, Res extends ServerResponse>(
  context: ErrorContext<Req, Res>,
  req: Req,
  res: Res,
  look: Look<Req, Res>,
  error: PageError,
  headers: Readonly<Record<string, string>> = {},
): Promise<boolean> {
  if (look.errorPage === undefined) return false
  try {
    res.statusCode = error.status
    for (const [name, value] of Object.entries({ ...headers, ...pageHeaders })) res.setHeader(name, value)
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
function safeLookFor<Req extends IncomingMessage, Res extends ServerResponse>(
  context: ErrorContext<Req, Res>,
  req: Req,
): Look<Req, Res> {
  try {
    return lookFor(context, req)
  } catch (fault) {
    context.endpoint.toError(fault)
    return plainLook
  }
}
