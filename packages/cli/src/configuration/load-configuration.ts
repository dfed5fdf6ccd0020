import { existsSync } from 'node:fs'
import { resolve } from 'node:path'
import { pathToFileURL } from 'node:url'

import type { AuthorizationServerOptions } from '@oauth-ratchet/core'

import { Failure } from '../command-line/failure.js'
import { reasonOf } from './open-storage.js'

/** The options that a configuration module has; nothing of them is checked yet. */
export type LoadedOptions = Partial<AuthorizationServerOptions>

export interface LoadedConfiguration {
  readonly options: LoadedOptions
  /** Listeners by the names of events: the export `listeners`. Not checked yet. */
  readonly listeners: unknown
}

type Module = Readonly<Record<string, unknown>>

/**
 * Imports a configuration module: its default export, or the export `options`, is the object that
 * `createAuthorizationServer` is given, or a function or promise of it.
 *
 * @throws Failure when there is none, or when it throws
 */
export async function loadConfiguration(file: string): Promise<LoadedConfiguration> {
  const path = resolve(file)
  if (!existsSync(path)) throw new Failure(`--config: there is no file ${path}.`)
  try {
    const module = (await import(pathToFileURL(path).href)) as Module
    const found = exportedBy(module)
    const options: unknown = await (typeof found === 'function' ? (found as () => unknown)() : found)
    if (typeof options === 'object' && options !== null) return { options, listeners: listenersOf(module) }
  } catch (error) {
    throw new Failure(`--config: ${path} cannot be loaded: ${describe(error, path)}.`, { cause: error })
  }
  throw new Failure(
    `--config: ${path} must export the options of createAuthorizationServer, as default or under the name options.`,
  )
}

function exportedBy(module: Module): unknown {
  const { default: main, options } = module
  if (options !== undefined) return options
  // Of a CommonJS module the default is all that it exports.
  const nested = main as { readonly options?: unknown; readonly default?: unknown } | undefined | null
  return nested?.options ?? nested?.default ?? main
}

function listenersOf({ default: main, listeners }: Module): unknown {
  return listeners ?? (main as { readonly listeners?: unknown } | undefined | null)?.listeners
}

/** What Node says of an import that it cannot find or read, and what our own checks say, has no secret in it. */
const quotable = /^(ERR_(MODULE_NOT_FOUND|UNSUPPORTED_|UNKNOWN_|PACKAGE_|REQUIRE_)|MODULE_NOT_FOUND$)/

/** What went wrong. Of what the module itself throws only where: its text may be made of a secret. */
function describe(error: unknown, path: string): string {
  const { name, code, stack } = (error ?? {}) as { name?: unknown; code?: unknown; stack?: unknown }
  if (name === 'ConfigurationError' || (typeof code === 'string' && quotable.test(code)))
    return reasonOf(error)
  // It has no place in its stack.
  if (name === 'SyntaxError') return `it cannot be parsed; node --check ${path} says where`
  const kind = typeof name === 'string' && /^[A-Z][A-Za-z]{0,39}$/.test(name) ? name : 'something'
  const line = lineIn(String(stack), path)
  return `${kind} was thrown${line === undefined ? '' : ` in line ${line}`}; its text is left out here, since it may hold a secret`
}

function lineIn(stack: string, path: string): string | undefined {
  for (const place of [pathToFileURL(path).href, path]) {
    const at = stack.indexOf(`${place}:`)
    if (at >= 0) return /^\d+/.exec(stack.slice(at + place.length + 1))?.[0]
  }
  return undefined
}
