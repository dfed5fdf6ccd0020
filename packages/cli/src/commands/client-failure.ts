import { Failure } from '../command-line/failure.js'

/** What the core refuses by a sentence is one for the command line too. */
export function sentence(error: unknown): never {
  if (error instanceof RangeError || (error instanceof Error && error.name === 'ConfigurationError')) {
    throw new Failure(error.message, { cause: error })
  }
  throw error
}
