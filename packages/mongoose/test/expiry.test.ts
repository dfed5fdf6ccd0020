import { ENGINE_TIMEOUT_MS, sharedMongo, waitUntil } from '@oauth-ratchet/engines'

import { HOUR, randomId, sampleGrant } from '../../storage-contract/src/samples.js'
import { MongooseStorage } from '../src/index.js'
import { connectTo, databaseName } from './setup/mongoose-harness.js'

/** A server looks for expired documents once a minute, unless it was told otherwise. */
const REMOVAL = { timeoutMs: 150_000, everyMs: 100 }

it(
  'the engine removes what has expired, and nothing else',
  async () => {
    const connection = await connectTo((await sharedMongo()).url, databaseName())
    const storage = new MongooseStorage({ connection })
    await storage.init()
    const now = Date.now()
    const [expired, live, revoked] = [
      sampleGrant(now, { expiresAt: now - 1 }),
      sampleGrant(now),
      sampleGrant(now),
    ]
    await storage.grants.create(live)
    await storage.grants.create(revoked)
    await storage.grants.revoke(revoked.id, 'revoked', now, { keepUntil: now - 1, by: randomId() })
    await storage.values.mark('expired', 'owner', now - 1, now - HOUR)
    await storage.values.stash('expired', 'value', now - 1)
    await storage.values.mark('live', 'owner', now + HOUR, now)
    await storage.grants.create(expired)

    const collections = ['oauth_ratchet_grants', 'oauth_ratchet_values']
    await waitUntil(
      'what has expired is gone',
      async () => {
        const counts = collections.map((name) => connection.collection(name).countDocuments())
        return (await Promise.all(counts)).every((count) => count === 1)
      },
      REMOVAL,
    )
    expect(await storage.grants.find(live.id)).toEqual(live)
    expect(await storage.values.isMarked('live', now)).toBe(true)
    expect(await storage.grants.purgeExpired(now, 100)).toBe(0)
    await connection.dropDatabase()
    await connection.close()
  },
  ENGINE_TIMEOUT_MS,
)
