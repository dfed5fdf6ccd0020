import type { AuthorizationServer, TokenResponse } from '@oauth-ratchet/core'

/** Gets the next tokens for a refresh token; undefined where the session has ended. */
export type Refresh = (refreshToken: string) => Promise<SessionTokens | undefined>

export interface SessionTokens extends Partial<TokenResponse> {
  readonly access_token: string
}

/** The tokens of somebody who is signed in. */
export class Session {
  readonly server: AuthorizationServer
  readonly #refresh: Refresh
  #tokens: SessionTokens
  /** Milliseconds since the epoch, by the server's clock. */
  #expiresAt = 0
  #refreshing: Promise<void> | undefined

  constructor(server: AuthorizationServer, tokens: SessionTokens, refresh: Refresh) {
    this.server = server
    this.#refresh = refresh
    this.#tokens = tokens
    this.#take(tokens)
  }

  /** The latest, good or not. */
  get accessToken(): string {
    return this.#tokens.access_token
  }

  /** The latest, good or not, from the body or a cookie; undefined for a session without. */
  get refreshToken(): string | undefined {
    return this.#tokens.refresh_token
  }

  /** Refreshes now. Once the session has ended the tokens stay what they are, and the app refuses them. */
  async refresh(): Promise<void> {
    // One at a time: two with one token would be a replay.
    this.#refreshing ??= this.#refreshOnce().finally(() => (this.#refreshing = undefined))
    return this.#refreshing
  }

  /** Refreshes if the access token has expired by the server's clock. */
  async refreshIfExpired(): Promise<void> {
    if (this.server.settings.now() >= this.#expiresAt) await this.refresh()
  }

  async #refreshOnce(): Promise<void> {
    const { refresh_token } = this.#tokens
    const next = refresh_token === undefined ? undefined : await this.#refresh(refresh_token)
    if (next === undefined) return
    this.#take(refresh_token === undefined ? next : { refresh_token, ...next })
  }

  #take(tokens: SessionTokens): void {
    this.#tokens = tokens
    this.#expiresAt = this.server.settings.now() + (tokens.expires_in ?? 0) * 1000
  }
}
