import type OAuth2Server from '@node-oauth/oauth2-server'
import type { AuthorizationServerOptions } from '@oauth-ratchet/core'

/** The model of an app on `@node-oauth/oauth2-server`, as far as the rotation needs it. */
export type RatchetModel = OAuth2Server.BaseModel &
  OAuth2Server.RequestAuthenticationModel &
  Partial<Pick<OAuth2Server.RefreshTokenModel, 'getRefreshToken' | 'revokeToken'>>

/** What `addRatchet` is given beside the model. */
export interface RatchetOptions {
  /**
   * Options of `createAuthorizationServer`: `issuer`, `secrets`, `storage`, `scopes` (all that the model's `validateScope`
   * gives) and what else is wanted. Clients and passwords are the model's.
   */
  readonly server: Omit<AuthorizationServerOptions, 'clients' | 'authenticateUser'>
  /** What a user of the model's is known by, for ever: the id of its row. */
  readonly subjectOf: (user: OAuth2Server.User) => string
  /** The user of a subject, for a request with an access token. Undefined or null: there is none, and the token is refused. */
  readonly findUser: (
    subject: string,
  ) => Promise<OAuth2Server.User | null | undefined> | OAuth2Server.User | null | undefined
  /** Lets the refresh tokens go on that the model has saved. Default: they are unknown, and users sign in once more. */
  readonly importToken?: ModelImportOptions | undefined
  /**
   * Address of whoever sent a request, for the limit of unknown refresh tokens and for events: `(request) => request.ip`
   * where the framework's request is handed over with it. Default: not known.
   */
  readonly remoteAddress?: ((request: OAuth2Server.Request) => string | undefined) | undefined
}

/** `refreshToken.importToken` without the callback: that is the model's `getRefreshToken`. */
export interface ModelImportOptions {
  readonly clients: readonly string[]
  /** A Date, or seconds since the epoch; at most 400 days ahead. */
  readonly until: Date | number
}
