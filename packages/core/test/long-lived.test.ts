import { MemoryStorage } from '@oauth-ratchet/core'
import { codeOf, redemption } from './setup/authorization.js'
import { startServer } from './setup/test-server.js'
import { expectAlive, issue, tokensOf } from './setup/tokens.js'

/** Number of records, and their size as a store would keep them, numbers at their widest. */
async function footprint(storage: MemoryStorage) {
  const { grants } = await storage.grants.scan({ limit: 1000 })
  const sizes = grants.map((grant) => {
    const fields = Object.entries(grant).map(([name, value]: [string, unknown]) => [
      name,
      typeof value === 'number' ? 0 : value,
    ])
    return JSON.stringify(fields).length
  })
  return { count: grants.length, sizes }
}

describe('a grant that is refreshed for long', () => {
  test.each([
    ['without keys', () => ({})],
    ['with a new idempotency key each time', (turn: number) => ({ 'idempotency-key': `key-${turn}` })],
  ])('has after 200 refreshes as many records of the same size as after one: %s', async (_, headersOf) => {
    const storage = new MemoryStorage()
    const at = startServer({ storage })
    const code = await codeOf(at, undefined, { subject: 'u1', session: 's1', metadata: { device: 'phone' } })
    let { refresh_token } = tokensOf(await at.token(redemption(code)))
    const turn = async (index: number) => {
      at.clock.advance(600)
      ;({ refresh_token } = tokensOf(await at.refresh(refresh_token, {}, { headers: headersOf(index) })))
    }
    await turn(0)
    await turn(1)
    const afterFew = await footprint(storage)

    for (let index = 2; index < 200; index++) await turn(index)

    expect(await footprint(storage)).toEqual(afterFew)
    expect(afterFew.count).toBe(1)
    await expectAlive(at, { refresh_token })
  })

  test('is remembered after its end until the longest access token there can be has ended, and is then swept', async () => {
    const storage = new MemoryStorage()
    const at = startServer({ storage })
    const tokens = await issue(at)
    await at.server.tokens.revoke(tokens.refresh_token)

    at.clock.advance(86_400)
    await storage.grants.purgeExpired(at.clock.now(), 100)
    expect((await storage.grants.scan({ limit: 10 })).grants).toHaveLength(1)

    at.clock.advance(61)
    await storage.grants.purgeExpired(at.clock.now(), 100)
    expect((await storage.grants.scan({ limit: 10 })).grants).toEqual([])
  })
})

describe('the sweep of what has expired', () => {
  afterEach(() => jest.useRealTimers())

  test('runs by the option, batch by batch, and ends with close()', async () => {
    jest.useFakeTimers({ doNotFake: ['setImmediate', 'nextTick', 'queueMicrotask'] })
    const storage = new MemoryStorage()
    const purge = jest
      .spyOn(storage.grants, 'purgeExpired')
      .mockResolvedValueOnce(100)
      .mockResolvedValueOnce(3)
    const at = startServer({ storage, sweepInterval: 60 })
    await at.server.ready()
    expect(purge).not.toHaveBeenCalled()

    await jest.advanceTimersByTimeAsync(60_000)
    // Requests come in between two batches.
    await new Promise((resolve) => setImmediate(resolve))

    expect(purge.mock.calls).toEqual([
      [at.clock.now(), 100],
      [at.clock.now(), 100],
    ])
    await at.server.close()
    await jest.advanceTimersByTimeAsync(600_000)
    expect(purge).toHaveBeenCalledTimes(2)
  })

  test('that is under way is waited for by close(), and is the last one', async () => {
    jest.useFakeTimers({ doNotFake: ['setImmediate', 'nextTick', 'queueMicrotask'] })
    const storage = new MemoryStorage()
    const finish: ((removed: number) => void)[] = []
    const purge = jest
      .spyOn(storage.grants, 'purgeExpired')
      .mockReturnValueOnce(new Promise((resolve) => finish.push(resolve)))
    const at = startServer({ storage, sweepInterval: 60, storageTimeout: 300 })
    await at.server.ready()
    await jest.advanceTimersByTimeAsync(60_000)
    let closed = false

    const closing = at.server.close().then(() => (closed = true))
    await jest.advanceTimersByTimeAsync(1)
    expect(closed).toBe(false)
    finish[0]?.(100)
    await closing

    await jest.advanceTimersByTimeAsync(600_000)
    expect(purge).toHaveBeenCalledTimes(1)
    expect(jest.getTimerCount()).toBe(0)
  })

  test('that fails raises request.failed, and the next one tries again', async () => {
    jest.useFakeTimers({ doNotFake: ['setImmediate', 'nextTick', 'queueMicrotask'] })
    const storage = new MemoryStorage()
    const purge = jest.spyOn(storage.grants, 'purgeExpired').mockRejectedValueOnce(new Error('down'))
    const at = startServer({ storage, sweepInterval: 60 })
    await at.server.ready()

    await jest.advanceTimersByTimeAsync(60_000)
    expect(at.events('request.failed')).toMatchObject([{ phase: 'storage' }])
    await jest.advanceTimersByTimeAsync(60_000)

    expect(purge).toHaveBeenCalledTimes(2)
    await at.server.close()
  })
})
