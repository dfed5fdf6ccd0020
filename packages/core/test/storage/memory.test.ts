import { describeStorage } from '@oauth-ratchet/storage-contract'

import { MemoryStorage } from '../../src/storage/memory.js'
import { grantOf, id } from '../setup/records.js'

let storage = new MemoryStorage()

describeStorage('MemoryStorage', {
  async create() {
    storage = new MemoryStorage()
    await storage.init()
    return storage
  },
  connect: async () => storage,
  dispose: () => storage.close(),
})

// Of storages that make their cursors with `cursorAt`, which gives none without a position.
const emptyPositions: [string, () => Promise<unknown>][] = [
  ['grants', () => storage.grants.scan({ limit: 1, cursor: 'g.' })],
  ['a subject', () => storage.grants.listBySubject(['h'], { now: 0 }, { limit: 1, cursor: 's.' })],
  ['clients', () => storage.clients.list({ limit: 1, cursor: 'c.' })],
  ['values', () => storage.values.scan({ limit: 1, cursor: 'v.' })],
]

test.each(emptyPositions)(
  'a cursor of %s with no position is refused, and is not the beginning',
  async (_listing, list) => {
    storage = new MemoryStorage()
    await expect(Promise.resolve().then(list)).rejects.toMatchObject({ name: 'CursorError' })
  },
)

// An index that kept what is gone would grow for as long as the process runs; it shows as pages with gaps.
describe('what is gone is in no index either:', () => {
  const first = { limit: 1 }

  beforeEach(() => {
    storage = new MemoryStorage()
  })

  test('grants that were purged', async () => {
    const { grants } = storage
    await grants.create(grantOf({ id: id('a'), expiresAt: 2_000_000 }))
    await grants.create(grantOf({ id: id('b'), expiresAt: 3_000_000 }))

    expect(await grants.purgeExpired(2_500_000, 10)).toBe(1)

    const left = { grants: [expect.objectContaining({ id: id('b') })] }
    expect(await grants.scan(first)).toEqual(left)
    expect(await grants.listBySubject([id('s')], { now: 2_500_000 }, first)).toEqual(left)
  })

  test('clients that were removed', async () => {
    const { clients } = storage
    await clients.save({ id: 'a', revision: 0, data: '{}' }, null)
    await clients.save({ id: 'b', revision: 0, data: '{}' }, null)

    expect(await clients.remove('a')).toBe(true)

    expect(await clients.list(first)).toEqual({ clients: [expect.objectContaining({ id: 'b' })] })
  })
})
