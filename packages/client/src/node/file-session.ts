import { randomBytes } from 'node:crypto'
import { mkdir, open, readFile, rename, rm } from 'node:fs/promises'
import { dirname } from 'node:path'
import type { Lock } from '../locks/lock.js'
import type { Store } from '../stores/store.js'
import { fileLock } from './file-lock.js'

export interface FileSession {
  readonly store: Store
  readonly lock: Lock
}

/**
 * A session in a file, for command lines and services: `createClient({ ...fileSession(path), … })`. Several processes may
 * share it; one of them refreshes, and one that is killed in the middle costs nothing but time.
 *
 * @param path the file, made with mode 0600 (its folder with 0700 where it is missing). Beside it come a lock and, for a
 *   moment, a copy that is being written
 */
export function fileSession(path: string): FileSession {
  return {
    lock: fileLock(path),
    store: {
      async get() {
        try {
          return await readFile(path, 'utf8')
        } catch (error) {
          if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined
          throw error
        }
      },
      // Written beside and moved over, so that a reader, and whoever comes after a crash, finds all of it or the one before.
      async set(value) {
        await mkdir(dirname(path), { recursive: true, mode: 0o700 })
        const fresh = `${path}.${process.pid}.${randomBytes(4).toString('hex')}`
        try {
          await writeSynced(fresh, value)
          await rename(fresh, path)
        } catch (error) {
          // It has tokens in it, and nobody would look for it.
          await rm(fresh, { force: true }).catch(() => {})
          throw error
        }
      },
      remove: () => rm(path, { force: true }),
    },
  }
}

async function writeSynced(path: string, value: string): Promise<void> {
  const file = await open(path, 'wx', 0o600)
  try {
    await file.writeFile(value)
    await file.sync()
  } finally {
    await file.close()
  }
}
