import { createAuthorizationServer, CursorError, MemoryStorage } from '@oauth-ratchet/core'

// What the core makes of the errors of a storage: the other side of what the interface asks of adapters.

/** Lists a subject's grants on a storage that throws this instead. */
function listOn(error: Error): Promise<unknown> {
  const storage = new MemoryStorage()
  storage.grants.listBySubject = async () => {
    throw error
  }
  const server = createAuthorizationServer({
    issuer: 'https://auth.example.com',
    secrets: ['ikyUNITLKL4VFV2n1SZBBkNH3Jw7RS_QqtEsz5IScD9B7Laa'],
    clients: [],
    scopes: [],
    sweepInterval: 0,
    storage,
  })
  // Without a listener it says so on the console.
  server.on('request.failed', () => undefined)
  return server.grants.list({ subject: 'alice' })
}

/** As the CommonJS copy of the core makes it, in a program that has loaded the ESM one. */
function ofAnotherCopy(): Error {
  return Object.assign(new RangeError('not a cursor'), { name: 'CursorError' })
}

it.each([new CursorError(), ofAnotherCopy()])('a cursor of no page is told as it is: %p', async (error) => {
  await expect(listOn(error)).rejects.toBe(error)
  expect(error).toBeInstanceOf(RangeError)
})

it.each([new RangeError('out of range'), new TypeError('x is undefined')])(
  'any other error is an outage: %p',
  async (error) => {
    await expect(listOn(error)).rejects.toMatchObject({
      status: 503,
      cause: { name: 'StorageError', outcome: 'unknown', cause: error },
    })
  },
)
