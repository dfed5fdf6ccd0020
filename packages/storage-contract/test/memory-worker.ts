import { MemoryStorage, StorageError } from '@oauth-ratchet/core'

import { serveStorage } from '../src/index.js'

/** Opens nothing when it is told so, and is down for one key. */
class FailingStorage extends MemoryStorage {
  constructor() {
    super()
    this.values.peek = async () => {
      throw new StorageError('The engine is down', { outcome: 'not_applied' })
    }
    this.values.take = () => new Promise(() => {})
  }

  override async init(): Promise<void> {
    if (process.argv.includes('fail')) throw new StorageError('There is no engine here')
  }
}

void serveStorage(new FailingStorage())
