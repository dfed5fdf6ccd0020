import { describeStorage } from '@oauth-ratchet/storage-contract'

import { MemoryStorage } from '../../src/storage/memory.js'

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
