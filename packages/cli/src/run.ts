import type { Environment } from './command-line/command.js'
import { Failure, UsageError } from './command-line/failure.js'
import { commandHelp, overview } from './command-line/help.js'
import { Output } from './command-line/output.js'
import type { OutputStreams } from './command-line/output.js'
import { parseCommandLine } from './command-line/parse-command-line.js'
import { commands } from './commands/commands.js'
import { reasonOf } from './configuration/open-storage.js'
import { version } from './version.js'

/** Runs one command line, without the program's own name; answers its exit code. */
export async function run(
  words: readonly string[],
  environment: Environment,
  streams: OutputStreams,
): Promise<number> {
  try {
    const request = parseCommandLine(commands, words)
    if (request.kind === 'version') {
      streams.stdout.write(`${version}\n`)
      return 0
    }
    if (request.kind === 'help') {
      const { command } = request
      streams.stdout.write(
        `${command === undefined ? overview(commands, request.words) : commandHelp(command)}\n`,
      )
      return 0
    }
    const { command, options } = request
    const output = new Output(streams, options.isSet('json'))
    return await command.run({ arguments: request.arguments, options, environment, output })
  } catch (error) {
    streams.stderr.write(`oauth-ratchet: ${sentenceOf(error)}\n`)
    if (error instanceof UsageError) streams.stderr.write('Try: oauth-ratchet --help\n')
    return error instanceof Failure ? error.exitCode : 1
  }
}

/** One sentence, without stack traces and secrets. */
function sentenceOf(error: unknown): string {
  return error instanceof Failure ? error.message : `${reasonOf(error)}.`
}
