import type { Command } from './command.js'
import { optionsOf } from './shared-options.js'

const WIDTH = 100

/** The help of one command. */
export function commandHelp(command: Command): string {
  const options = Object.entries(optionsOf(command)).map(
    ([name, { value, help, multiple }]): [string, string] => [
      value === undefined ? `--${name}` : `--${name} <${value}>`,
      multiple ? `${help}; may be given more than once` : help,
    ],
  )
  const names = command.arguments ?? []
  return [
    `Usage: oauth-ratchet ${[command.name, ...names, '[options]'].join(' ')}`,
    `${command.summary}.`,
    ...(command.details === undefined ? [] : [wrapped(command.details, '')]),
    `Options:\n${columns(options)}`,
    ...(command.uses === undefined ? [] : [environmentHelp(command.uses)]),
  ].join('\n\n')
}

/** The list of commands, or of those of one group. */
export function overview(commands: readonly Command[], group: readonly string[]): string {
  const shown = commands.filter(({ name }) => group.every((word, index) => name.split(' ')[index] === word))
  const rows = shown.map(({ name, arguments: names = [], summary }): [string, string] => [
    [name, ...names].join(' '),
    summary,
  ])
  return [
    `Usage: oauth-ratchet ${[...group, '<command>', '[options]'].join(' ')}`,
    `Commands:\n${columns(rows)}`,
    'oauth-ratchet <command> --help tells of one command. All take --json.\n' +
      'Exit codes: 0 done, 1 failed (or, of doctor, found an error), 2 wrong use.',
    environmentHelp('server'),
  ].join('\n\n')
}

function environmentHelp(uses: NonNullable<Command['uses']>): string {
  const server: [string, string][] = [
    ['OAUTH_SECRETS', 'secrets of the server, comma-separated, the first signs'],
    ['ISSUER', 'issuer of the server, as it is in its options'],
    ['CLIENTS_FILE', 'JSON array of configured clients (RFC 7591), if there are any'],
  ]
  const storage: [string, string][] = [['STORAGE_URL', 'like --storage']]
  const rows = uses === 'server' ? [...storage, ...server] : uses === 'storage' ? storage : server.slice(0, 1)
  return uses === 'configuration'
    ? 'Secrets are read from the configuration or the environment, never from the command line.'
    : `Environment, where no --config is given (secrets are never taken from the command line):\n${columns(rows)}`
}

function columns(rows: readonly (readonly [string, string])[]): string {
  const width = Math.max(...rows.map(([left]) => left.length))
  const indent = ' '.repeat(width + 4)
  return rows.map(([left, right]) => `  ${left.padEnd(width)}  ${wrapped(right, indent)}`).join('\n')
}

/** Text in lines of bounded width; lines after the first begin with the indent. */
function wrapped(text: string, indent: string): string {
  return text
    .split('\n')
    .map((paragraph) => {
      const lines: string[] = ['']
      for (const word of paragraph.split(' ')) {
        const line = lines.at(-1) ?? ''
        if (line !== '' && indent.length + line.length + 1 + word.length > WIDTH) lines.push(word)
        else lines[lines.length - 1] = line === '' ? word : `${line} ${word}`
      }
      return lines.join(`\n${indent}`)
    })
    .join(`\n${indent}`)
}
