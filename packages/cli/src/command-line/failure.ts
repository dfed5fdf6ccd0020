/** What went wrong, as one sentence for standard error. */
export class Failure extends Error {
  override readonly name: string = 'Failure'
  readonly exitCode: number = 1
}

/** The command line itself is wrong: exit code 2, with a hint at the help. */
export class UsageError extends Failure {
  override readonly name = 'UsageError'
  override readonly exitCode = 2
}
