import type { ClientMetadata } from '../clients/client.js'
import type { OAuthError, OAuthErrorCode } from '../errors.js'
import type { SignIn } from '../grant.js'
import type { ServerParts } from '../server-parts.js'
import { beginAuthorization } from './authorization-request.js'
import type { PendingAuthorization } from './authorization-request.js'
import { grantAuthorization, refuseAuthorization } from './authorization-response.js'
import { toOAuthError } from '../outages.js'
import { openConsent, peekConsent, sealConsent } from './consent-form.js'
import type { EndpointRequest, EndpointResponse } from '../http/message.js'
import {
  asksForLogin,
  isRecentEnough,
  reauthenticateParameter,
  sealReauthentication,
} from './reauthentication.js'

/** An authorization request as the app's `signIn` and `consent` callbacks see it. */
export interface AuthorizationRequest {
  /** The client's metadata, without secrets. */
  readonly client: ClientMetadata
  /** What is asked for. */
  readonly scope: readonly string[]
  /** What `consent` may grant at most; the same as `scope` here. */
  readonly grantedScope: readonly string[]
  readonly resources: readonly string[]
  readonly prompt: readonly string[]
  /**
   * Where the browser goes when all is done. A page whose form leads there needs its origin in the CSP's `form-action`
   * (`formActionSource` makes it), since browsers apply that to the redirect too.
   */
  readonly redirectUri: string
  readonly loginHint: string | undefined
  /** Seconds; a sign-in older than this is refused. */
  readonly maxAge: number | undefined
  /** Whether the user must sign in again although there is a session: `prompt=login`, or a sign-in that is too old. */
  readonly mustReauthenticate: boolean
  /** Where to send the browser after signing in: a path of this server with the whole request in it. */
  readonly returnTo: string
}

/**
 * The authorization endpoint as the steps between which the app signs the user in and asks for consent. Methods
 * throw what belongs on a page; {@link AuthorizationEndpoint.toError} makes an `OAuthError` of it.
 */
export class AuthorizationEndpoint {
  readonly #parts: ServerParts

  constructor(parts: ServerParts) {
    this.#parts = parts
  }

  /** @see beginAuthorization */
  begin(request: EndpointRequest): Promise<PendingAuthorization> {
    return beginAuthorization(this.#parts, request)
  }

  /** The request as the app's callbacks get it. */
  describe(pending: PendingAuthorization, mustReauthenticate: boolean): AuthorizationRequest {
    const path = new URL(this.#parts.settings.endpointUrl('authorize')).pathname
    const mark = mustReauthenticate
      ? `&${reauthenticateParameter}=${sealReauthentication(this.#parts, pending.client.id)}`
      : ''
    return {
      client: pending.client.metadata,
      scope: pending.scope,
      grantedScope: pending.scope,
      resources: [],
      prompt: pending.prompt,
      redirectUri: pending.redirectUri,
      loginHint: pending.loginHint,
      maxAge: pending.maxAge,
      mustReauthenticate,
      returnTo: `${path}?${pending.query}${mark}`,
    }
  }

  /** @see asksForLogin */
  asksForLogin(pending: PendingAuthorization): boolean {
    return asksForLogin(pending)
  }

  /** @see isRecentEnough */
  isRecentEnough(pending: PendingAuthorization, signIn: SignIn): boolean {
    return isRecentEnough(this.#parts, pending, signIn)
  }

  /** @see grantAuthorization */
  grant(pending: PendingAuthorization, signIn: SignIn, scope: readonly string[]): Promise<EndpointResponse> {
    return grantAuthorization(this.#parts, pending, signIn, scope)
  }

  /** @see refuseAuthorization */
  refuse(pending: PendingAuthorization, error: OAuthError | OAuthErrorCode): EndpointResponse {
    return refuseAuthorization(this.#parts, pending, error)
  }

  /** @see sealConsent */
  sealConsent(pending: PendingAuthorization, subject: string, browser: string): string {
    return sealConsent(this.#parts, pending, subject, browser)
  }

  /** @see openConsent */
  openConsent(sealed: string, subject: string, browser: string): Promise<PendingAuthorization | undefined> {
    return openConsent(this.#parts, sealed, subject, browser)
  }

  /** @see peekConsent */
  peekConsent(sealed: string): Promise<PendingAuthorization | undefined> {
    return peekConsent(this.#parts, sealed)
  }

  /** What the scopes mean in the words that the app gave, for a consent page. */
  scopeDescription(scope: string): string | undefined {
    return this.#parts.settings.scopes.get(scope)
  }

  /** Whatever a step threw as an error that a page may show; faults of ours raise `request.failed`. */
  toError(error: unknown): OAuthError {
    return toOAuthError(this.#parts.events, error)
  }
}
