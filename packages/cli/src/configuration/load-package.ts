import { createRequire } from 'node:module'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'

import { Failure } from '../command-line/failure.js'

/**
 * A package as the project in the current folder has it, or else the one installed beside this command, which `npx` may
 * have put elsewhere.
 *
 * @param load imports it from here
 * @throws Failure when it is in neither
 */
export async function loadPackage<Module>(
  name: string,
  load: () => Promise<Module>,
  { scheme, packages }: { readonly scheme: string; readonly packages: readonly string[] },
): Promise<Module> {
  const path = resolveFrom(process.cwd(), name)
  try {
    return path === undefined ? await load() : ((await import(pathToFileURL(path).href)) as Module)
  } catch (error) {
    if (!isNotFound(error)) throw error
    throw new Failure(
      `A ${scheme} storage needs ${packages.join(' and ')}: npm install ${packages.join(' ')}`,
      {
        cause: error,
      },
    )
  }
}

function resolveFrom(folder: string, name: string): string | undefined {
  try {
    return createRequire(join(folder, 'package.json')).resolve(name)
  } catch {
    return undefined
  }
}

function isNotFound(error: unknown): boolean {
  const code = error instanceof Error && 'code' in error ? error.code : undefined
  return code === 'ERR_MODULE_NOT_FOUND' || code === 'MODULE_NOT_FOUND'
}
