import { copyMarkerId, MemoryStorage } from '@oauth-ratchet/core'
import { GuardedStorage } from '../../src/storage/guarded-storage.js'
import { startServer } from '../setup/test-server.js'

const down = () => Promise.reject(new Error('connect ECONNREFUSED'))
const up = () => Promise.resolve()

/** A storage that cannot be brought up at its first attempts. */
function failingAtFirst(failures: number) {
  const storage = new MemoryStorage()
  const init = jest.spyOn(storage, 'init')
  for (let count = 0; count < failures; count += 1) init.mockImplementationOnce(down)
  return { storage, init }
}

describe('a storage that could not be brought up', () => {
  test('is brought up by the next caller, for all who ask at the same time once', async () => {
    const { storage, init } = failingAtFirst(1)
    const guarded = new GuardedStorage(storage, 1000, () => {})
    await expect(guarded.init()).rejects.toThrow('ECONNREFUSED')

    await Promise.all([guarded.grants.find('id'), guarded.clients.find('id'), guarded.ping(), guarded.init()])
    await guarded.values.peek('key', 0)

    expect(init).toHaveBeenCalledTimes(2)
  })

  test('is not called as long as it is not up, by none of its stores', async () => {
    const { storage, init } = failingAtFirst(4)
    const calls = [
      jest.spyOn(storage.grants, 'find'),
      jest.spyOn(storage.clients, 'find'),
      jest.spyOn(storage.values, 'isMarked'),
      jest.spyOn(storage, 'ping'),
    ]
    const guarded = new GuardedStorage(storage, 1000, () => {})

    for (const call of [
      () => guarded.grants.find('id'),
      () => guarded.clients.find('id'),
      () => guarded.values.isMarked('key', 0),
      () => guarded.ping(),
    ]) {
      await expect(call()).rejects.toMatchObject({ name: 'StorageError', outcome: 'not_applied' })
    }

    expect(init).toHaveBeenCalledTimes(4)
    for (const call of calls) expect(call).not.toHaveBeenCalled()
  })

  test('says that it is up once it is, and once', async () => {
    const { storage } = failingAtFirst(2)
    const onInitialised = jest.fn()
    const guarded = new GuardedStorage(storage, 1000, onInitialised)
    await expect(guarded.ping()).rejects.toThrow()
    await expect(guarded.init()).rejects.toThrow()
    expect(onInitialised).not.toHaveBeenCalled()

    await guarded.init()
    await guarded.init()
    await guarded.ping()

    expect(onInitialised).toHaveBeenCalledTimes(1)
  })
})

describe('the target of a copy that has not come to its end', () => {
  test('is not served: ready() says so with a code, requests are a 503, and nothing is judged or written', async () => {
    const storage = new MemoryStorage()
    const source = startServer({ storage })
    const { refresh_token = '' } = await source.server.grants.issue({ clientId: 'app-a', subject: 'u1' })
    await storage.clients.save({ id: copyMarkerId, revision: 0, data: '{}' }, null)
    const turn = jest.spyOn(storage.grants, 'turn')
    const at = startServer({ storage })

    await expect(at.server.ready()).rejects.toMatchObject({
      name: 'StorageError',
      code: 'storage.unfinished_copy',
      outcome: 'not_applied',
      message: expect.stringContaining('target of a copy') as string,
    })
    await expect(at.server.ping()).rejects.toMatchObject({ code: 'storage.unfinished_copy' })
    expect(await at.refresh(refresh_token)).toMatchObject({
      status: 503,
      body: { error: 'temporarily_unavailable' },
    })
    expect(turn).not.toHaveBeenCalled()

    await storage.clients.remove(copyMarkerId)
    await at.server.ready()
    expect(await at.refresh(refresh_token)).toMatchObject({ status: 200 })
  })

  test('is found out by one read at start, and by none later', async () => {
    const storage = new MemoryStorage()
    const find = jest.spyOn(storage.clients, 'find')
    const at = startServer({ storage })

    await at.server.ready()
    expect(find.mock.calls).toEqual([[copyMarkerId]])
    await at.server.ready()
    const tokens = await at.server.grants.issue({ clientId: 'app-a', subject: 'u1' })
    await at.refresh(tokens.refresh_token ?? '')

    expect(find).toHaveBeenCalledTimes(1)
  })
})

describe('the sweep', () => {
  afterEach(() => jest.useRealTimers())

  test('does not start with a storage that could not be brought up, and starts once with the one that was', async () => {
    jest.useFakeTimers({ doNotFake: ['setImmediate', 'nextTick', 'queueMicrotask'] })
    const { storage, init } = failingAtFirst(2)
    const purge = jest.spyOn(storage.grants, 'purgeExpired').mockResolvedValue(0)
    const at = startServer({ storage, sweepInterval: 60 })
    for (const attempt of [() => at.server.ready(), () => at.server.ping()])
      await expect(attempt()).rejects.toThrow()
    await jest.advanceTimersByTimeAsync(600_000)
    expect([purge.mock.calls.length, jest.getTimerCount()]).toEqual([0, 0])

    init.mockImplementation(up)
    await Promise.all([at.server.ready(), at.server.ping()])
    await at.server.ready()
    await jest.advanceTimersByTimeAsync(60_000)

    expect(purge).toHaveBeenCalledTimes(1)
    await at.server.close()
  })
})
