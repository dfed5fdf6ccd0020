import { existsSync } from 'node:fs'
import { resolve } from 'node:path'
import { pathToFileURL } from 'node:url'

import type { AuthorizationServerOptions } from '@oauth-ratchet/core'

import { Failure } from '../command-line/failure.js'
import { reasonOf } from './open-storage.js'

/** The options that a configuration module has; nothing of them is checked yet. */
export type LoadedOptions = Partial<AuthorizationServerOptions>

/**
 * Imports a configuration module: its default export, or the export `options`, is the object that
 * `createAuthorizationServer` is given, or a function or promise of it.
 *
 * @throws Failure when there is none, or when it throws
 */
export async function loadConfiguration(file: string): Promise<LoadedOptions> {
  const path = resolve(file)
  if (!existsSync(path)) throw new Failure(`--config: there is no file ${path}.`)
  try {
    const found = exportedBy((await import(pathToFileURL(path).href)) as Readonly<Record<string, unknown>>)
    const options: unknown = await (typeof found === 'function' ? (found as () => unknown)() : found)
    if (typeof options === 'object' && options !== null) return options
  } catch (error) {
    throw new Failure(`--config: ${path} cannot be loaded (${reasonOf(error)}).`, { cause: error })
  }
  throw new Failure(
    `--config: ${path} must export the options of createAuthorizationServer, as default or under the name options.`,
  )
}

function exportedBy(module: Readonly<Record<string, unknown>>): unknown {
  const { default: main, options } = module
  if (options !== undefined) return options
  // Of a CommonJS module the default is all that it exports.
  const nested = main as { readonly options?: unknown; readonly default?: unknown } | undefined | null
  return nested?.options ?? nested?.default ?? main
}
