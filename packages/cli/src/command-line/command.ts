import type { Output } from './output.js'

export interface OptionDefinition {
  /** What the help calls the value; absent: a switch without one. */
  readonly value?: string
  /** May be given more than once. */
  readonly multiple?: true
  readonly help: string
}

/** One command: what the help says of it, and what it does. */
export interface Command {
  /** Its words, such as `clients create`. */
  readonly name: string
  readonly summary: string
  /** What the help says below the usage line, in paragraphs. */
  readonly details?: string
  /** Arguments by name; `[in brackets]` may be left out. */
  readonly arguments?: readonly string[]
  readonly options?: Readonly<Record<string, OptionDefinition>>
  /** Whether it takes the options that say where the configuration and the storage are. */
  readonly uses?: 'server' | 'storage' | 'configuration'
  run(invocation: Invocation): Promise<ExitCode>
}

/** 0 done, 1 failed. Wrong use (2) is found before a command runs, or thrown as a `UsageError`. */
export type ExitCode = 0 | 1

/** One call of a command, read from the command line. */
export interface Invocation {
  readonly arguments: readonly string[]
  readonly options: OptionValues
  readonly environment: Environment
  readonly output: Output
}

export type Environment = Readonly<Record<string, string | undefined>>

/** The values of the options that were given. */
export interface OptionValues {
  text(name: string): string | undefined
  list(name: string): readonly string[]
  isSet(name: string): boolean
}
