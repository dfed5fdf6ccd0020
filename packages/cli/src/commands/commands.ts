import type { Command } from '../command-line/command.js'
import { clientCommands } from './clients.js'
import { copy } from './copy.js'
import { doctor } from './doctor.js'
import { keyCommands } from './keys.js'
import { purge } from './purge.js'
import { secretCommands } from './secrets.js'
import { sessionCommands } from './sessions.js'
import { tokenIntrospect } from './token.js'

/** Every command, in the order of the help. */
export const commands: readonly Command[] = [
  ...clientCommands,
  ...sessionCommands,
  tokenIntrospect,
  purge,
  ...secretCommands,
  ...keyCommands,
  doctor,
  copy,
]
