import type { OAuthError } from '@oauth-ratchet/core'
import type { ServerResponse } from 'node:http'
import { html } from './html.js'
import { writePage } from './write-page.js'

/** Tells the user what went wrong where it cannot be told to the client. */
export function writeErrorPage(
  res: ServerResponse,
  error: Pick<OAuthError, 'code' | 'message' | 'status' | 'headers'>,
): void {
  const ours = error.status >= 500
  const advice =
    error.status === 503
      ? 'Wait a moment and try again.'
      : ours
        ? 'That is not your doing, and trying again at once will hardly help. Its operators can see in its log what happened; try again later, or tell them.'
        : "Go back to the app that sent you here and start again. If it happens again, show this page to the app's developers."
  writePage(res, {
    status: error.status,
    headers: error.headers,
    title: ours ? 'Something went wrong here' : 'This request cannot continue',
    content: html`<p>${error.message}</p>
      <p>${advice}</p>
      <p class="quiet">Error: <code>${error.code}</code></p>`,
  })
}
