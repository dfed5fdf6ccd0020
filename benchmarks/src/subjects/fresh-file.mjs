import { randomBytes } from 'node:crypto'
import { rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

/** The name of a SQLite file that is not there yet, and goes with this process. */
export function freshFile() {
  const file = join(tmpdir(), `oauth-ratchet-benchmark-${randomBytes(8).toString('hex')}.sqlite`)
  process.on('exit', () => {
    for (const suffix of ['', '-wal', '-shm']) rmSync(file + suffix, { force: true })
  })
  return file
}
