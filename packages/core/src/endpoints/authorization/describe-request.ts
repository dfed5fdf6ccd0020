import type { ClientMetadata } from '../../options/client-metadata.js'
import type { SignIn } from '../../options/sign-in.js'
import type { ServerParts } from '../../server-parts.js'
import type { PendingAuthorization } from './pending-authorization.js'
import { reauthenticateParameter, sealReauthentication, switchAccountMark } from './reauthentication.js'

/** An authorization request as the app's `signIn` and `consent` callbacks see it. */
export interface AuthorizationRequest {
  /** The client's metadata, without secrets. */
  readonly client: ClientMetadata
  /** What is asked for. */
  readonly scope: readonly string[]
  /** What `consent` may grant at most; the same as `scope` here. */
  readonly grantedScope: readonly string[]
  readonly resources: readonly string[]
  /**
   * For how long access is asked for, in seconds: `idle` counts from the last refresh, `absolute` from consent; null: no such
   * limit. Without a refresh token that of one access token. What `signIn` gives as `lifetimes` shortens them.
   */
  readonly lifetimes: { readonly idle: number | null; readonly absolute: number | null }
  readonly prompt: readonly string[]
  /**
   * Where the browser goes when all is done. Set no CSP `form-action` on a page whose form leads there (a login, a
   * consent): browsers hold it against every redirect that follows, and the client may have more of them.
   */
  readonly redirectUri: string
  readonly loginHint: string | undefined
  /** Seconds; a sign-in older than this is refused. */
  readonly maxAge: number | undefined
  /** Whether the user must sign in again although there is a session: `prompt=login`, or a sign-in that is too old. */
  readonly mustReauthenticate: boolean
  /** Where to send the browser after signing in: a path of this server with the whole request in it. */
  readonly returnTo: string
  /**
   * Where a page may link to for users who are not who is signed in: a path of this server with the whole request in
   * it. `signIn` is then asked with `mustReauthenticate`.
   */
  readonly switchAccount: string
}

/**
 * The request as the app's callbacks get it.
 *
 * @param signIn who has signed in, once that is known
 */
export function describeRequest(
  parts: ServerParts,
  pending: PendingAuthorization,
  mustReauthenticate: boolean,
  signIn?: Pick<SignIn, 'lifetimes'>,
): AuthorizationRequest {
  const path = new URL(parts.settings.endpointUrl('authorize')).pathname
  const request = `${path}?${pending.query}`
  const mark = mustReauthenticate
    ? `&${reauthenticateParameter}=${sealReauthentication(parts, pending.client.id)}`
    : ''
  return {
    client: pending.client.metadata,
    scope: pending.scope,
    grantedScope: pending.scope,
    resources: [],
    lifetimes: lifetimesAsked(parts, pending, signIn),
    prompt: pending.prompt,
    redirectUri: pending.redirectUri,
    loginHint: pending.loginHint,
    maxAge: pending.maxAge,
    mustReauthenticate,
    returnTo: `${request}${mark}`,
    switchAccount: `${request}&${reauthenticateParameter}=${switchAccountMark}`,
  }
}

function lifetimesAsked(
  { issuer }: ServerParts,
  { client, scope }: PendingAuthorization,
  signIn: Pick<SignIn, 'lifetimes'> | undefined,
): AuthorizationRequest['lifetimes'] {
  const { idleLifetimeMs, absoluteLifetimeMs } = issuer.lifetimesFor(client, scope, signIn?.lifetimes)
  return { idle: secondsOf(idleLifetimeMs), absolute: secondsOf(absoluteLifetimeMs) }
}

function secondsOf(milliseconds: number | null): number | null {
  return milliseconds === null ? null : Math.floor(milliseconds / 1000)
}
