import { openJson, sealJson } from '../../ratchet/token-codec.js'
import type { ServerParts } from '../../server-parts.js'
import { begin, maxQueryLength } from './authorization-request.js'
import type { PendingAuthorization } from './pending-authorization.js'

type Sealed = [query: string, subjectHash: string, browser: string, expiresAt: number, since: number | null]

interface Form {
  readonly query: string
  readonly subjectHash: string
  readonly browser: string
  readonly expiresAt: number
  readonly reauthenticateSince: number | null
}

/** A consent form's hidden field: the request it is for, tied to who consents and to the browser. */
export function sealConsent(
  parts: ServerParts,
  pending: PendingAuthorization,
  subject: string,
  browser: string,
): string {
  const expiresAt = parts.settings.now() + 10 * 60_000
  const { query, reauthenticateSince = null } = pending
  return sealJson(parts.ring, 'consent', [
    query,
    parts.ring.subjectHash(subject),
    browser,
    expiresAt,
    reauthenticateSince,
  ])
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
  return parts.ring.subjectHashes(subject).includes(form.subjectHash) ? beginAgain(parts, form) : undefined
}

/** The request of a form that has not been tied to anyone yet: to find out who is signed in. */
export async function peekConsent(
  parts: ServerParts,
  sealed: string,
): Promise<PendingAuthorization | undefined> {
  const form = openForm(parts, sealed)
  return form === undefined ? undefined : beginAgain(parts, form)
}

// The form knows what the bare request does not: that the user has signed in again since.
async function beginAgain(parts: ServerParts, form: Form): Promise<PendingAuthorization> {
  return { ...(await begin(parts, form.query)), reauthenticateSince: form.reauthenticateSince ?? undefined }
}

function openForm(parts: ServerParts, sealed: string): Form | undefined {
  if (sealed.length > 2 * maxQueryLength) return undefined
  const opened = openJson(parts.ring, 'consent', sealed)
  if (opened.status !== 'genuine') return undefined
  const [query, subjectHash, browser, expiresAt, reauthenticateSince] = opened.token as Sealed
  return { query, subjectHash, browser, expiresAt, reauthenticateSince }
}
