import { openJson, sealJson } from '../../ratchet/token-codec.js'
import type { ServerParts } from '../../server-parts.js'
import { begin, maxQueryLength } from './authorization-request.js'
import type { PendingAuthorization } from './pending-authorization.js'
import { oldestAuthTime } from './reauthentication.js'

/** How long a consent form is good for. */
const consentLifetimeMs = 10 * 60_000

type Sealed = [query: string, subjectHash: string, browser: string, expiresAt: number, since: number | null]

interface Form {
  readonly query: string
  readonly subjectHash: string
  readonly browser: string
  readonly expiresAt: number
  readonly since: number | null
}

/** A genuine consent form, whoever posted it, and however old it is. */
export interface PeekedConsent {
  readonly pending: PendingAuthorization
  /** The browser that it was made for. */
  readonly browser: string
}

/** A consent form's hidden field: the request it is for, tied to who consents and to the browser. */
export function sealConsent(
  parts: ServerParts,
  pending: PendingAuthorization,
  subject: string,
  browser: string,
): string {
  const expiresAt = parts.settings.now() + consentLifetimeMs
  // A sign-in that was recent enough when the form was made still is when it comes back; an older one is not.
  const since = oldestAuthTime(pending) ?? null
  return sealJson(parts.ring, 'consent', [
    pending.query,
    parts.ring.subjectHash(subject),
    browser,
    expiresAt,
    since,
  ])
}

/**
 * The request of a consent form that came back; undefined unless it is this subject's, of one of these browsers and
 * fresh.
 */
export async function openConsent(
  parts: ServerParts,
  sealed: string,
  subject: string,
  browsers: readonly string[],
): Promise<PendingAuthorization | undefined> {
  const form = openForm(parts, sealed)
  if (form === undefined || !browsers.includes(form.browser)) return undefined
  if (form.expiresAt <= parts.settings.now()) return undefined
  return parts.ring.subjectHashes(subject).includes(form.subjectHash) ? beginAgain(parts, form) : undefined
}

/** A form that has not been tied to anyone yet: to find out who is signed in. Nothing may be granted on it. */
export async function peekConsent(parts: ServerParts, sealed: string): Promise<PeekedConsent | undefined> {
  const form = openForm(parts, sealed)
  if (form === undefined) return undefined
  return { pending: await beginAgain(parts, form), browser: form.browser }
}

// The form knows what the bare request does not: that the user has signed in again since.
async function beginAgain(parts: ServerParts, form: Form): Promise<PendingAuthorization> {
  return { ...(await begin(parts, form.query)), reauthenticateSince: form.since ?? undefined }
}

function openForm(parts: ServerParts, sealed: string): Form | undefined {
  if (sealed.length > 2 * maxQueryLength) return undefined
  const opened = openJson(parts.ring, 'consent', sealed)
  if (opened.status !== 'genuine') return undefined
  const [query, subjectHash, browser, expiresAt, since] = opened.token as Sealed
  return { query, subjectHash, browser, expiresAt, since }
}
