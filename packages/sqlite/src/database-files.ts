import { realpathSync, statSync } from 'node:fs'

import { StorageError } from '@oauth-ratchet/core'

/** How long one look is good for: three calls of `stat` a second are nothing beside the turns of a second. */
const LOOK_EVERY_MS = 1000

/**
 * The files that an open database is in. A process goes on reading and writing files that were removed, renamed or
 * replaced, and nobody else ever sees what it answers: so the names must lead to the files that were opened, the database
 * itself, its write-ahead log, and the memory in which the processes agree about the log.
 */
export class DatabaseFiles {
  /** The identity of each file when it was opened, by its path. */
  readonly #opened: ReadonlyMap<string, string>
  #error: StorageError | undefined
  /** On the clock of `performance.now()`. */
  #nextLook = 0

  /**
   * @param path of a database that is open and has been read. A log that it does not have is not looked for.
   * @throws {StorageError} when it is gone already
   */
  constructor(path: string) {
    const opened = new Map([[path, identityOf(path)]])
    // SQLite keeps them beside the file itself, and not beside a link to it.
    const real = realpathSync(path)
    for (const log of [`${real}-wal`, `${real}-shm`]) {
      if (statSync(log, { throwIfNoEntry: false }) !== undefined) opened.set(log, identityOf(log))
    }
    this.#opened = opened
  }

  /** Looks once a second at most. @throws {StorageError} as {@link look} does */
  assertInPlace(): void {
    if (performance.now() >= this.#nextLook) this.look()
    else if (this.#error !== undefined) throw this.#error
  }

  /** @throws {StorageError} `not_applied` while a name leads to no file or to another one */
  look(): void {
    this.#error = undefined
    this.#nextLook = performance.now() + LOOK_EVERY_MS
    for (const [path, identity] of this.#opened) {
      const error = faultOf(path, identity)
      if (error === undefined) continue
      this.#error = error
      throw error
    }
  }
}

function faultOf(path: string, identity: string): StorageError | undefined {
  try {
    return identityOf(path) === identity ? undefined : moved(path, 'there is another file in its place')
  } catch (cause) {
    return cause instanceof StorageError ? cause : moved(path, String(cause), cause)
  }
}

/** Device and inode. */
function identityOf(path: string): string {
  const stats = statSync(path, { bigint: true, throwIfNoEntry: false })
  if (stats === undefined) throw moved(path, 'there is no such file')
  return `${stats.dev}:${stats.ino}`
}

function moved(path: string, what: string, cause?: unknown): StorageError {
  return new StorageError(
    `The database file ${path} was removed, renamed or replaced while it was open: ${what}. ` +
      'Nothing is read or written before the process has been started again, or the file is back',
    { outcome: 'not_applied', cause },
  )
}
