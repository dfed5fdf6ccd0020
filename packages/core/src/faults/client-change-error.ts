/** Why a client could not be made or changed although what was asked for is well formed. */
export type ClientChangeProblem =
  /** The `client_id` is taken. */
  | 'taken'
  /** The client is one of the option `clients`, and is changed there. */
  | 'configured'
  /** The client is public and has no secret. */
  | 'public'

/** What `server.clients` throws for a client that cannot be made or changed. A `RangeError` for those who catch that. */
export class ClientChangeError extends RangeError {
  override readonly name = 'ClientChangeError'
  readonly problem: ClientChangeProblem

  constructor(problem: ClientChangeProblem, message: string) {
    super(message)
    this.problem = problem
  }
}

/** Whether it is a {@link ClientChangeError}, also one of another copy of this package. */
export function isClientChangeError(error: unknown): error is ClientChangeError {
  return error instanceof RangeError && error.name === 'ClientChangeError' && 'problem' in error
}
