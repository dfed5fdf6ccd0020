import { OAuthError } from '@oauth-ratchet/core'
import type { IncomingMessage } from 'node:http'

/**
 * Refuses a write with the app's session that a page of another origin may have caused. Browsers say so themselves
 * (`Sec-Fetch-Site`), and those that do not send the page's `Origin` with every write.
 *
 * @throws OAuthError 403 `access_denied`
 * @see https://www.w3.org/TR/fetch-metadata/#sec-fetch-site-header
 */
export function assertOwnPage(req: IncomingMessage): void {
  const { origin, host, 'sec-fetch-site': site } = req.headers
  const own = site === undefined ? origin !== undefined && hostOf(origin) === host : site === 'same-origin'
  if (own) return
  throw new OAuthError(
    'access_denied',
    'With a session this must come from a page of the same origin: a browser says so in Sec-Fetch-Site or Origin.',
    { status: 403 },
  )
}

/** False for a form that a browser says was not sent by a page of this origin. Old browsers do not say. */
export function mayBeOwnForm(req: IncomingMessage): boolean {
  const site = req.headers['sec-fetch-site']
  return site === undefined || site === 'same-origin'
}

function hostOf(origin: string): string | undefined {
  return URL.canParse(origin) ? new URL(origin).host : undefined
}
