import { join } from 'node:path'

import { CursorError } from '@oauth-ratchet/core'

import { startWorker, startWorkers } from '../src/index.js'
import type { Worker, WorkerProgram } from '../src/index.js'
import { bundleWorker } from './bundle-worker.js'

const CLIENT = { id: 'client-a', revision: 0, data: '{}' }

describe('a storage in another process', () => {
  let program: WorkerProgram
  let worker: Worker

  beforeAll(async () => {
    program = { path: bundleWorker(join(__dirname, 'memory-worker.ts')) }
    worker = await startWorker(program)
  })

  afterAll(() => worker.stop())

  it('does what it is asked, and answers what it found', async () => {
    expect(await worker.clients.save(CLIENT, null)).toBe(true)
    expect(await worker.clients.find('client-a')).toEqual(CLIENT)
    expect(await worker.clients.find('client-b')).toBeUndefined()
  })

  it('rejects with the errors of the storage', async () => {
    const page = { cursor: 'no cursor of ours', limit: 10 }
    await expect(worker.grants.scan(page)).rejects.toBeInstanceOf(CursorError)
    await expect(worker.values.peek('key', 0)).rejects.toMatchObject({
      name: 'StorageError',
      message: 'The engine is down',
      outcome: 'not_applied',
    })
  })

  it('rejects with its sentence, and ends, when the data cannot be opened', async () => {
    const failing = { ...program, args: ['fail'] }
    await expect(startWorker(failing)).rejects.toThrow('There is no engine here')
    await expect(startWorkers(failing, 2)).rejects.toThrow('There is no engine here')
  })

  it('rejects what is under way, and everything after, when it is killed', async () => {
    const doomed = await startWorker(program)
    const waiting = doomed.values.take('key', 0)
    await doomed.kill()
    await expect(waiting).rejects.toMatchObject({ name: 'StorageError', outcome: 'unknown' })
    await expect(doomed.clients.find('client-a')).rejects.toMatchObject({ name: 'StorageError' })
    await doomed.stop()
  })
})
