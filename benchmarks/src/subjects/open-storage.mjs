import { Redis } from 'ioredis'
import { MemoryStorage } from '@oauth-ratchet/core'
import { RedisStorage } from '@oauth-ratchet/redis'
import { SqliteStorage } from '@oauth-ratchet/sqlite'
import { freshFile } from './fresh-file.mjs'

/** Our storage on a store of its own; disconnect() closes what an app would have opened for it. */
export async function openStorage(store, urls, redisOptions = {}) {
  if (store === 'memory') return { storage: new MemoryStorage(), disconnect: async () => {} }
  if (store === 'redis') {
    const client = new Redis(urls.redis, redisOptions)
    return { storage: new RedisStorage({ client }), disconnect: async () => client.disconnect() }
  }
  if (store === 'mongodb') {
    const [{ createConnection }, { MongooseStorage }] = await Promise.all([
      import('mongoose').then((module) => module.default),
      import('@oauth-ratchet/mongoose'),
    ])
    const connection = await createConnection(urls.mongodb).asPromise()
    return { storage: new MongooseStorage({ connection }), disconnect: () => connection.close() }
  }
  const storage = new SqliteStorage({ file: freshFile(), synchronous: store.replace('sqlite-', '') })
  return { storage, disconnect: async () => {} }
}
