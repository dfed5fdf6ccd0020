import { parseArgs } from 'node:util'
import type { ParseArgsConfig } from 'node:util'

import type { Command, OptionDefinition, OptionValues } from './command.js'
import { UsageError } from './failure.js'
import { optionsOf } from './shared-options.js'

/** What a command line asks for. */
export type Request =
  | { readonly kind: 'version' }
  | { readonly kind: 'help'; readonly words: readonly string[]; readonly command?: Command }
  | {
      readonly kind: 'run'
      readonly command: Command
      readonly arguments: readonly string[]
      readonly options: OptionValues
    }

/** @throws UsageError for an unknown command, and for options and arguments that it does not take */
export function parseCommandLine(commands: readonly Command[], words: readonly string[]): Request {
  const named = words[0] === 'help' ? words.slice(1) : words
  const wantsHelp = named !== words || words.length === 0
  const command = commands
    .filter(({ name }) => isPrefix(name.split(' '), named))
    .toSorted((one, other) => other.name.length - one.name.length)[0]
  if (command === undefined) return withoutCommand(commands, named, wantsHelp)
  const rest = named.slice(command.name.split(' ').length)
  if (wantsHelp || asksForHelp(rest)) return { kind: 'help', words: named, command }
  return { kind: 'run', command, ...parseRest(command, rest) }
}

function withoutCommand(commands: readonly Command[], words: readonly string[], wantsHelp: boolean): Request {
  const names = words.filter((word) => !word.startsWith('-'))
  const [group] = names
  const isGroup = group !== undefined && commands.some(({ name }) => isPrefix([group], name.split(' ')))
  if (names.length === 0 && words.some((word) => word === '--version' || word === '-V'))
    return { kind: 'version' }
  if (asksForHelp(words) || wantsHelp) {
    if (names.length === 0 || isGroup) return { kind: 'help', words: names.slice(0, 1) }
  }
  if (names.length === 0) throw new UsageError(`There is no option ${words[0]} without a command.`)
  if (isGroup) {
    const next = commands
      .map(({ name }) => name.split(' '))
      .filter((name) => isPrefix([group], name))
      .map((name) => name.slice(1).join(' '))
    throw new UsageError(`${group} takes one of: ${next.join(', ')}.`)
  }
  throw new UsageError(`There is no command ${JSON.stringify(group)}.`)
}

function parseRest(
  command: Command,
  words: readonly string[],
): { readonly arguments: readonly string[]; readonly options: OptionValues } {
  const definitions = optionsOf(command)
  const { values, positionals } = parsed(definitions, words)
  const names = command.arguments ?? []
  const required = names.filter((name) => !name.startsWith('['))
  const missing = required[positionals.length]
  if (missing !== undefined) throw new UsageError(`${command.name} needs ${missing}.`)
  if (positionals.length > names.length) {
    throw new UsageError(
      `${command.name} takes ${names.length === 0 ? 'no argument' : names.join(' ')}, and nothing after it.`,
    )
  }
  return {
    arguments: positionals,
    options: {
      text: (name) => {
        const value = values[name]
        return typeof value === 'string' ? value : undefined
      },
      list: (name) => {
        const value = values[name]
        return Array.isArray(value) ? value.map(String) : []
      },
      isSet: (name) => values[name] === true,
    },
  }
}

function parsed(
  definitions: Readonly<Record<string, OptionDefinition>>,
  words: readonly string[],
): { readonly values: Readonly<Record<string, unknown>>; readonly positionals: readonly string[] } {
  const options: NonNullable<ParseArgsConfig['options']> = Object.fromEntries(
    Object.entries(definitions).map(([name, { value, multiple }]) => [
      name,
      { type: value === undefined ? ('boolean' as const) : ('string' as const), multiple: multiple ?? false },
    ]),
  )
  try {
    return parseArgs({ args: [...words], options, allowPositionals: true, strict: true })
  } catch (error) {
    // Node's advice is about positional arguments, which is not what was meant.
    const [sentence = ''] = (error instanceof Error ? error.message : String(error)).split('. To specify')
    throw new UsageError(`${sentence.replace(/\.?$/, '')}.`)
  }
}

function asksForHelp(words: readonly string[]): boolean {
  const end = words.indexOf('--')
  return words.slice(0, end === -1 ? undefined : end).some((word) => word === '--help' || word === '-h')
}

function isPrefix(prefix: readonly string[], words: readonly string[]): boolean {
  return prefix.every((word, index) => words[index] === word)
}
