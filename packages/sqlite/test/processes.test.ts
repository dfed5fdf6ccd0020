import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

import { expectationOf, sampleChange, sampleGrant, startWorkers } from '@oauth-ratchet/storage-contract'
import type { Worker } from '@oauth-ratchet/storage-contract'

import { bundleWorker } from '../../storage-contract/test/bundle-worker.js'
import { SqliteStorage } from '../src/index.js'

describe('several processes on one file', () => {
  let folder = ''
  let file = ''
  let workers: Worker[] = []

  const start = async (count: number): Promise<void> => {
    const program = { path: bundleWorker(join(__dirname, 'worker.ts')), args: [file] }
    workers = await startWorkers(program, count)
  }

  const stop = async (): Promise<void> => {
    await Promise.all(workers.map((worker) => worker.stop()))
    workers = []
  }

  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'oauth-ratchet-processes-'))
    file = join(folder, 'oauth.sqlite')
  })

  afterEach(async () => {
    await stop()
    rmSync(folder, { recursive: true, force: true })
  })

  it('make the file and its tables together, whoever comes first', async () => {
    for (let round = 0; round < 3; round += 1) {
      file = join(folder, `round-${round}.sqlite`)
      await start(4)
      const saved = await Promise.all(
        workers.map(({ clients }, index) =>
          clients.save({ id: `client-${index}`, revision: 0, data: '{}' }, null),
        ),
      )
      expect(saved).toEqual([true, true, true, true])
      const listed = await workers[0]?.clients.list({ limit: 10 })
      expect(listed?.clients.map(({ id }) => id)).toEqual(['client-0', 'client-1', 'client-2', 'client-3'])
      await stop()
    }
  })

  it('keep every answered turn of one that is killed', async () => {
    const now = Date.now()
    await start(1)
    const [worker] = workers
    if (worker === undefined) throw new Error('a worker should have started')
    let answered = sampleGrant(now, { nonce: 'nonce-1' })
    await worker.grants.create(answered)
    let killed: Promise<void> | undefined
    for (;;) {
      const { id, generation } = answered
      const next = sampleChange({ nonce: `nonce-${generation + 1}` })
      const turning = worker.grants.turn(id, expectationOf(answered, now), next)
      if (generation === 50) killed = worker.kill()
      const result = await turning.catch(() => undefined)
      if (result?.grant === undefined) break
      answered = result.grant
    }
    await killed
    const storage = new SqliteStorage({ file })
    await storage.init()
    const found = await storage.grants.find(answered.id)
    await storage.close()
    const mayStand = [answered.generation, answered.generation + 1]
    expect(answered.generation).toBeGreaterThanOrEqual(50)
    expect(mayStand).toContain(found?.generation)
    expect(found?.nonce).toBe(`nonce-${found?.generation}`)
  })
})
