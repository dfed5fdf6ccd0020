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
