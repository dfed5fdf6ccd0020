import { openJson, sealJson } from '../ratchet/token-codec.js'
import type { ServerParts } from '../server-parts.js'
import { begin, maxQueryLength } from './authorization-request.js'
import type { PendingAuthorization } from './authorization-request.js'

/** A consent form's hidden field: the request it is for, tied to who consents and to the browser. */
export function sealConsent(
  parts: ServerParts,
  pending: PendingAuthorization,
  subject: string,
  browser: string,
): string {
  const expiresAt = parts.settings.now() + 10 * 60_000
  return sealJson(parts.ring, 'consent', [pending.query, parts.ring.subjectHash(subject), browser, expiresAt])
}

/** The request of a consent form that came back; undefined unless it is this subject's, this browser's and fresh. */
export async function openConsent(
  parts: ServerParts,
  sealed: string,
  subject: string,
  browser: string,
): Promise<PendingAuthorization | undefined> {
  const form = openForm(parts, sealed)
  if (form === undefined || form.browser !== browser || form.expiresAt <= parts.settings.now())
    return undefined
  return parts.ring.subjectHashes(subject).includes(form.subjectHash) ? begin(parts, form.query) : undefined
}

/** The request of a form that has not been tied to anyone yet: to find out who is signed in. */
export async function peekConsent(
  parts: ServerParts,
  sealed: string,
): Promise<PendingAuthorization | undefined> {
  const form = openForm(parts, sealed)
  return form === undefined ? undefined : begin(parts, form.query)
}

function openForm(parts: ServerParts, sealed: string) {
  if (sealed.length > 2 * maxQueryLength) return undefined
  const opened = openJson(parts.ring, 'consent', sealed)
  if (opened.status !== 'genuine') return undefined
  const [query, subjectHash, browser, expiresAt] = opened.token as [string, string, string, number]
  return { query, subjectHash, browser, expiresAt }
}
