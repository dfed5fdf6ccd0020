import type { Socket } from 'node:net'
import timers from 'node:timers'

import type { Storage } from '@oauth-ratchet/core'
import { ENGINE_TIMEOUT_MS, sharedRedis, startRedisCluster } from '@oauth-ratchet/engines'
import type { RedisCluster } from '@oauth-ratchet/engines'

import { OpenedStorages } from './fixtures/opened-storages.js'
import { sampleGrant, turnOf } from './fixtures/sample-grant.js'

let url = ''
let cluster: RedisCluster
const opened = new OpenedStorages()

beforeAll(async () => {
  ;({ url } = await sharedRedis())
  cluster = await startRedisCluster()
}, ENGINE_TIMEOUT_MS)

afterAll(async () => {
  opened.close()
  await cluster.stop()
})

/** How often the system is asked to write to a client's sockets. */
function countWrites(clients: readonly { readonly stream?: unknown }[]): () => number {
  const sockets = clients.map(({ stream }) => stream as Socket)
  const spies = sockets.flatMap((socket) => [
    jest.spyOn(socket, '_write'),
    jest.spyOn(socket as Socket & { _writev(): void }, '_writev'),
  ])
  return () => spies.reduce((sum, spy) => sum + spy.mock.calls.length, 0)
}

// Redeemed already: a first turn reads the grant first.
const records = Array.from({ length: 64 }, () => sampleGrant({ generation: 1 }))

/** The grants, on servers that know the script of a turn already. */
async function stored({ grants }: Storage): Promise<void> {
  await Promise.all(records.map((record) => grants.create(record)))
  await Promise.all(records.map((record) => grants.turn(record.id, ...turnOf(sampleGrant()))))
}

describe('what is asked in one turn of the event loop', () => {
  it('leaves in one write, and each call has its own answer', async () => {
    const { client, storage } = await opened.open(url)
    await stored(storage)
    const writes = countWrites([client])

    const turns = await Promise.all(
      records.map((record) => storage.grants.turn(record.id, ...turnOf(record))),
    )

    expect(turns.map(({ turned, grant }) => [turned, grant?.id])).toEqual(records.map(({ id }) => [true, id]))
    expect(writes()).toBe(1)
  })

  it('leaves in one write for each primary of a cluster', async () => {
    const { client, storage } = await opened.openCluster(cluster.nodes)
    await stored(storage)
    const writes = countWrites(client.nodes('master'))

    const turns = await Promise.all(
      records.map((record) => storage.grants.turn(record.id, ...turnOf(record))),
    )

    expect(turns.every(({ turned }) => turned)).toBe(true)
    expect(writes()).toBe(3)
  })

  it("is in the app's own order with what the app sends through the same client", async () => {
    const { client, storage, prefix } = await opened.open(url)
    const [record = sampleGrant()] = records
    const answers = await Promise.all([
      client.set(`${prefix}own`, 1),
      storage.grants.create(record),
      client.incr(`${prefix}own`),
      storage.grants.find(record.id),
    ])

    expect(answers).toEqual(['OK', true, 2, undefined])
  })

  it('is sent also where a test of the app has replaced the timers', async () => {
    const { client, storage, prefix } = await opened.open(url)
    const [record = sampleGrant()] = records
    // Jest's replace the globals, those of node:test the module too.
    const replaced = jest.spyOn(timers, 'setImmediate').mockReturnThis()
    jest.useFakeTimers()
    try {
      await storage.grants.create(record)

      expect(await storage.grants.find(record.id)).toEqual(record)
      // What the app sends itself is not held back for ever either.
      expect(await client.incr(`${prefix}own`)).toBe(1)
    } finally {
      jest.useRealTimers()
      replaced.mockRestore()
    }
  })

  it('is sent too when the app closes its client at once', async () => {
    const { client, storage } = await opened.open(url)
    const asked = storage.grants.find('A'.repeat(22))
    await client.quit()

    expect(await asked).toBeUndefined()
  })
})
