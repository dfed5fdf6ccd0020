import type { Client } from '../../clients/client.js'
import type { OAuthError } from '../../faults/errors.js'

/** A request whose client and redirect URI are right: from here on errors go back to the client. */
export interface PendingAuthorization {
  readonly client: Client
  readonly redirectUri: string
  readonly redirectUriSent: boolean
  readonly state: string | undefined
  readonly scope: readonly string[]
  readonly codeChallenge: string | undefined
  readonly prompt: readonly string[]
  readonly maxAge: number | undefined
  readonly loginHint: string | undefined
  /** What is wrong with the request. Sent to the client only after the user has signed in (RFC 9700 §4.11.2). */
  readonly error: OAuthError | undefined
  /** The request's own parameters as a query string. */
  readonly query: string
  /** Seconds since the epoch: the user was sent to sign in again at this time, and must have done so since. */
  readonly reauthenticateSince: number | undefined
  /** Whether the user came by a consent page's link to sign in as somebody else. */
  readonly switchesAccount: boolean
  /** Seconds since the epoch: when the request came. `max_age` counts back from here, however long consent takes. */
  readonly receivedAt: number
}
