import { createAuthorizationServer, MemoryStorage } from '@oauth-ratchet/core'
import { secret, startServer } from '../setup/test-server.js'
import { issue } from '../setup/tokens.js'

function storageThat(init: () => Promise<void>): MemoryStorage {
  const storage = new MemoryStorage()
  storage.init = init
  return storage
}

const refusal = new Error('unable to open database file')

describe('a storage that cannot be brought up', () => {
  test.each([
    ['rejects', () => Promise.reject(refusal)],
    [
      'throws',
      () => {
        throw refusal
      },
    ],
  ])('ready() rejects with the reason, when it %s', async (_, init) => {
    const at = startServer({ storage: storageThat(init) })

    await expect(at.server.ready()).rejects.toMatchObject({
      name: 'StorageError',
      message: 'The storage could not be brought up: unable to open database file.',
      cause: refusal,
    })
  })

  test('the first request reports the reason too', async () => {
    const at = startServer({ storage: storageThat(() => Promise.reject(refusal)) })

    await expect(issue(at)).rejects.toMatchObject({ status: 503 })

    expect(at.events('request.failed')).toMatchObject([
      {
        phase: 'storage',
        error: { message: expect.stringContaining('unable to open database file') as string },
      },
    ])
  })

  test('a request that comes while another attempt is under way reports why the last one failed', async () => {
    const outcomes = [() => Promise.reject(refusal), () => new Promise<void>(() => {})]
    const storage = storageThat(() => (outcomes.shift() ?? (() => Promise.resolve()))())
    const at = startServer({ storage, storageTimeout: 0.02 })

    await expect(at.server.ready()).rejects.toThrow()
    await expect(issue(at)).rejects.toMatchObject({ status: 503 })

    expect(at.events('request.failed')).toMatchObject([{ error: { cause: refusal } }])
  })

  test('the next caller tries again, and then it serves', async () => {
    const outcomes = [() => Promise.reject(refusal)]
    const storage = storageThat(() => (outcomes.shift() ?? (() => Promise.resolve()))())
    const server = createAuthorizationServer({
      issuer: 'https://auth.example.com',
      secrets: [secret],
      storage,
    })

    await expect(server.ready()).rejects.toThrow()

    await expect(server.ready()).resolves.toBeUndefined()
    await server.close()
  })
})
