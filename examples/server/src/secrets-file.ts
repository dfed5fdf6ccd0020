import { randomBytes } from 'node:crypto'
import {
  closeSync,
  fsyncSync,
  linkSync,
  mkdirSync,
  openSync,
  readFileSync,
  unlinkSync,
  writeSync,
} from 'node:fs'
import { dirname } from 'node:path'
import { SettingError } from './setting-error.js'

/** 256 random bits, in characters that need no escaping anywhere. */
export function randomSecret(): string {
  return randomBytes(32).toString('base64url')
}

/**
 * What is in the file; if there is none, `make` says what to put there, readable for its owner only. Of several
 * processes that start at once one makes the file, and all of them get what is in it.
 *
 * @throws SettingError when the file can neither be read nor made
 */
export function readOrMake(file: string, make: () => string): string {
  try {
    const existing = readIfThere(file)
    if (existing !== undefined) return existing
    mkdirSync(dirname(file), { recursive: true, mode: 0o700 })
    publish(file, make())
    return readFileSync(file, 'utf8')
  } catch (error) {
    throw new SettingError(`${file} can neither be read nor made: ${codeOf(error)}.`)
  }
}

// Written beside and linked into place when it is complete: a link fails where there is a file already, so that
// nobody replaces what another process has begun to use, and nobody reads half of it.
function publish(file: string, content: string): void {
  const draft = `${file}.${randomBytes(8).toString('hex')}`
  const descriptor = openSync(draft, 'wx', 0o600)
  try {
    writeSync(descriptor, content)
    fsyncSync(descriptor)
  } finally {
    closeSync(descriptor)
  }
  try {
    linkSync(draft, file)
  } catch (error) {
    if (codeOf(error) !== 'EEXIST') throw error
  } finally {
    unlinkSync(draft)
  }
}

function readIfThere(file: string): string | undefined {
  try {
    return readFileSync(file, 'utf8')
  } catch (error) {
    if (codeOf(error) === 'ENOENT') return undefined
    throw error
  }
}

/** The code that Node gives to a fault of the file system. */
export function codeOf(error: unknown): string {
  return typeof error === 'object' && error !== null && 'code' in error ? String(error.code) : String(error)
}
