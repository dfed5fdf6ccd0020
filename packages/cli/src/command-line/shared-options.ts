import type { Command, OptionDefinition } from './command.js'

const storage: Readonly<Record<string, OptionDefinition>> = {
  config: {
    value: 'file',
    help: 'module whose default export, or export named options, is what createAuthorizationServer is given: an object, or a function or promise of it',
  },
  storage: {
    value: 'url',
    help: 'sqlite:data/oauth.sqlite, redis://…, rediss://…, mongodb://…, or env:NAME for one in an environment variable; default: that of the configuration, or STORAGE_URL',
  },
}

const json: Readonly<Record<string, OptionDefinition>> = {
  json: { help: 'print the result as JSON' },
  help: { help: 'show this help' },
}

/** All options of a command, its own first. */
export function optionsOf(command: Command): Readonly<Record<string, OptionDefinition>> {
  const shared =
    command.uses === undefined
      ? {}
      : command.uses === 'configuration'
        ? { config: storage['config'] }
        : storage
  return { ...command.options, ...(shared as typeof storage), ...json }
}
