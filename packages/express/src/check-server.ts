import { ConfigurationError, wrongOptions } from '@oauth-ratchet/core'

/**
 * Refuses what is no authorization server. By its shape and not by its class, since an app may have loaded both the
 * ESM and the CommonJS copy of the core.
 */
export function checkServer(name: string, server: unknown): void {
  const { endpoints, tokens } = (server ?? {}) as {
    endpoints?: { token?: unknown }
    tokens?: { verify?: unknown }
  }
  if (typeof endpoints?.token === 'function' && typeof tokens?.verify === 'function') return
  throw new ConfigurationError(
    'express.server',
    `${name} wants the server that createAuthorizationServer has made as its first argument.`,
  )
}

const aliases = {
  login: 'signIn',
  authenticate: 'signIn',
  aud: 'audience',
  required: 'optional',
  origins: 'cors',
}

/** Refuses options that are none, and names that are not known: a misspelt option would guard nothing. */
export function checkOptionNames(name: string, options: unknown, known: readonly string[]): void {
  if (typeof options !== 'object' || options === null || Array.isArray(options)) {
    throw new ConfigurationError('express.options', `${name} wants an object of options, or none.`)
  }
  const problem = wrongOptions(name, options, known, aliases)
  if (problem !== undefined) throw new ConfigurationError('express.unknown_option', problem)
}
