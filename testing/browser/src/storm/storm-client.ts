/** The token response that a session begins with. */
export interface StormTokens {
  readonly access_token: string
  readonly refresh_token: string
  readonly token_type: string
  readonly expires_in: number
  readonly scope: string
}

export interface StormClientOptions {
  /** The authorization server's, the API's and the page's. */
  readonly origin: string
  readonly clientId: string
}

/** A client library in a page, set up for a session that all tabs share in `localStorage`. */
export interface StormClient {
  /** Writes a session to where the library looks for it when a page loads. */
  readonly signIn: (tokens: StormTokens) => Promise<void> | void
  /** One API request as an app makes it with this library: its status. Rejects as the library does. */
  readonly ask: () => Promise<number>
}

/** What a page of the storm puts on its window. */
export interface StormPage {
  readonly signIn: StormClient['signIn']
  /** So many API requests at once: the status of each, or 0 for those that failed without one. */
  readonly askAtOnce: (count: number) => Promise<number[]>
}

/** The path of the API. */
export const API = '/api/notes'
