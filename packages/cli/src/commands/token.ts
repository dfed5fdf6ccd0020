import type { Command } from '../command-line/command.js'
import { readStandardInput } from '../command-line/read-standard-input.js'
import { table, time } from '../command-line/table.js'
import { withServer } from '../configuration/server.js'

/** More than any token has. */
const MOST_BYTES = 64 * 1024

const UNKNOWN_KEY =
  'None of the secrets made this token: they are not those of the service, or it is of another one, or its secret was dropped.'

/** What it can be, where nobody can say. */
const REASONS = {
  environment:
    'Inactive: it has expired, was spent or ended, or is none of this ISSUER. A token of a client that is neither in the storage ' +
    'nor in CLIENTS_FILE counts as inactive too: give --config where clients are configured in code.',
  configuration:
    'Inactive: it has expired, was spent or ended, or is none of this issuer (or realm), or its client is gone.',
} as const

export const tokenIntrospect: Command = {
  name: 'token introspect',
  summary: 'Tell what a token stands for, read from standard input',
  details:
    'Access tokens and refresh tokens, as at the introspection endpoint (RFC 7662). Asking presents nothing: a spent ' +
    'refresh token ends no session. A token is never taken from the command line, where other processes see it.\n' +
    'Example: oauth-ratchet token introspect < token.txt',
  uses: 'server',
  run: (invocation) =>
    withServer(invocation, async (server, origin) => {
      let isUnknownKey = false
      server.on('token.unknown_key', () => {
        isUnknownKey = true
      })
      const token = await readStandardInput('a token', MOST_BYTES)
      const answer = await server.tokens.introspect(token)
      invocation.output.result(answer, () =>
        table(
          ['MEMBER', 'VALUE'],
          Object.entries(answer).map(([name, value]) => [name, readable(name, value)]),
        ),
      )
      if (!answer.active) invocation.output.note(isUnknownKey ? UNKNOWN_KEY : REASONS[origin])
      return 0
    }),
}

function readable(name: string, value: unknown): string {
  const text = typeof value === 'string' ? value : JSON.stringify(value)
  if (!['iat', 'exp', 'auth_time'].includes(name) || typeof value !== 'number') return text
  return `${text} (${time(value * 1000)})`
}
