import type { OAuthError } from '@oauth-ratchet/core'
import type { ServerResponse } from 'node:http'
import { html } from './html.js'
import type { PageLook } from './look.js'
import { fill } from './texts.js'
import { writePage } from './write-page.js'

/** Shows the user an error that cannot be sent to the client. */
export function writeErrorPage(
  res: ServerResponse,
  look: PageLook,
  error: Pick<OAuthError, 'code' | 'message' | 'status' | 'headers' | 'reason'>,
): void {
  const { texts } = look
  const code = html`<p class="quiet">${fill(texts.errorCode, { code: html`<code>${error.code}</code>` })}</p>`
  const { status, headers } = error
  if (error.reason === 'maintenance') {
    const content = html`<p>${texts.maintenanceAdvice}</p>
      ${code}`
    return writePage(res, { look, status, headers, title: texts.maintenance, content })
  }
  const ours = status >= 500
  const advice =
    status === 503 ? texts.unavailableAdvice : ours ? texts.serverFailedAdvice : texts.requestFailedAdvice
  writePage(res, {
    look,
    status,
    headers,
    title: ours ? texts.serverFailed : texts.requestFailed,
    content: html`<p lang="en">${error.message}</p>
      <p>${advice}</p>
      ${code}`,
  })
}

/**
 * For a consent form that is not good (any more): a 403 without a code and without a redirect (RFC 6749 §10.12).
 *
 * @param startAgain path of the same request, where the form could be read
 */
export function writeStaleFormPage(
  res: ServerResponse,
  look: PageLook,
  startAgain: string | undefined,
): void {
  const { texts } = look
  writePage(res, {
    look,
    status: 403,
    title: texts.formStale,
    content: html`<p>${texts.formStaleAdvice}</p>
      <p>
        ${startAgain === undefined ? texts.requestFailedAdvice : html`<a href="${startAgain}">${texts.startAgain}</a>`}
      </p>
      <p class="quiet">${fill(texts.errorCode, { code: html`<code>access_denied</code>` })}</p>`,
  })
}
