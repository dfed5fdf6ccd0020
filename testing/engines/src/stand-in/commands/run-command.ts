import type { Document } from '../bson-values.js'
import { CommandError } from '../errors.js'
import { asCommandError } from '../expressions.js'
import { documentIn } from '../request-fields.js'
import { administrationCommands } from './administration.js'
import { checkApiVersion } from './api-version.js'
import type { Commands, Context } from './command.js'
import { checkFields } from './fields.js'
import { handshakeCommands } from './handshake.js'
import { readCommands } from './reads.js'
import { writeCommands } from './writes.js'

const COMMANDS: Commands = {
  ...handshakeCommands,
  ...administrationCommands,
  ...readCommands,
  ...writeCommands,
}

export function commandName(request: Document): string {
  return Object.keys(request)[0] ?? ''
}

/** What cannot be had from a replica set of one member, answered the way a real server does: done, but not so. */
function unsatisfiable(request: Document): Document | undefined {
  const { w } = documentIn(request, 'writeConcern')
  if (typeof w === 'string' && w !== 'majority')
    return {
      code: 79,
      codeName: 'UnknownReplWriteConcern',
      errmsg: `No write concern mode named '${w}' found in replica set configuration`,
    }
  if (typeof w === 'number' && w > 1)
    return { code: 100, codeName: 'UnsatisfiableWriteConcern', errmsg: 'Not enough data-bearing nodes' }
  return undefined
}

/** The answer to a command, errors included: a fault of our own is answered as an error too, so that no client hangs. */
export function runCommand(request: Document, context: Context): Document {
  const name = commandName(request)
  const command = Object.hasOwn(COMMANDS, name) ? COMMANDS[name] : undefined
  try {
    if (!command) throw new CommandError(59, `no such command: '${name}'`)
    checkApiVersion(request)
    checkFields(request)
    const reply = context.sessions.once(request, () => command(request, context))
    const writeConcernError = unsatisfiable(request)
    return writeConcernError ? { ...reply, writeConcernError } : reply
  } catch (error) {
    const known = asCommandError(error)
    if (known instanceof CommandError) return known.toReply()
    const detail = error instanceof Error ? (error.stack ?? error.message) : String(error)
    return new CommandError(1, `the stand-in failed: ${detail}`).toReply()
  }
}
