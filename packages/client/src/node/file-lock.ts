import { mkdir, open, readFile, rename, rm, stat } from 'node:fs/promises'
import { dirname } from 'node:path'
import { randomUUID } from 'node:crypto'
import type { Lock } from '../locks/lock.js'

/** No holder works longer: its requests are given up before. */
const longestHoldMs = 15_000

/**
 * A lock among the processes of one machine: a file that is made exclusively and holds the process's id. That of a process
 * that is gone is taken away at once, any other after 15 seconds.
 */
export function fileLock(path: string): Lock {
  const lockPath = `${path}.lock`
  return {
    async acquire(_name, timeoutMs) {
      await mkdir(dirname(path), { recursive: true, mode: 0o700 })
      const deadline = performance.now() + timeoutMs
      const mine = `${process.pid} ${randomUUID()}`
      while (!(await take(lockPath, mine))) {
        await removeIfAbandoned(lockPath)
        if (performance.now() > deadline) return undefined
        await new Promise((resolve) => setTimeout(resolve, 10 + Math.random() * 40))
      }
      return () => void release(lockPath, mine)
    },
  }
}

async function take(lockPath: string, mine: string): Promise<boolean> {
  try {
    const file = await open(lockPath, 'wx', 0o600)
    try {
      await file.writeFile(mine)
    } finally {
      await file.close()
    }
    return true
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false
    throw error
  }
}

/** Never rejects: nobody waits for it, and a lock that stays is taken for abandoned. */
async function release(lockPath: string, mine: string): Promise<void> {
  // Not another's that came after this one was taken for abandoned.
  if ((await contentOf(lockPath)) === mine) await rm(lockPath, { force: true }).catch(() => {})
}

// Moved away under a name of its own first: of several processes that find it abandoned one succeeds in that.
async function removeIfAbandoned(lockPath: string): Promise<void> {
  const content = await contentOf(lockPath)
  if (content === undefined) return
  const pid = Number(content.split(' ')[0])
  const age = await ageOf(lockPath)
  const abandoned = age > longestHoldMs || (content !== '' && !isAlive(pid)) || (content === '' && age > 1000)
  if (!abandoned || (await contentOf(lockPath)) !== content) return
  const aside = `${lockPath}.${randomUUID()}`
  try {
    await rename(lockPath, aside)
    await rm(aside, { force: true })
  } catch {
    // Another process was first.
  }
}

async function contentOf(lockPath: string): Promise<string | undefined> {
  return readFile(lockPath, 'utf8').catch(() => undefined)
}

async function ageOf(lockPath: string): Promise<number> {
  return stat(lockPath).then(
    ({ mtimeMs }) => Date.now() - mtimeMs,
    () => 0,
  )
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0)
    return true
  } catch (error) {
    // Somebody else's process.
    return (error as NodeJS.ErrnoException).code === 'EPERM'
  }
}
