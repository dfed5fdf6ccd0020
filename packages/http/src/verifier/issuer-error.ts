/** The authorization server could not be asked, or answered what cannot be used. It says nothing of the token. */
export class IssuerError extends Error {
  override readonly name = 'IssuerError'
  /** Seconds, as the server has said. */
  readonly retryAfter: number | undefined

  constructor(
    message: string,
    options: { readonly cause?: unknown; readonly retryAfter?: number | undefined } = {},
  ) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause })
    this.retryAfter = options.retryAfter
  }
}
