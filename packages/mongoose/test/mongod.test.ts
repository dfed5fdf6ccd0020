import {
  describeWithMongod,
  ENGINE_TIMEOUT_MS,
  startMongoReplicaSet,
  waitUntil,
} from '@oauth-ratchet/engines'
import type { MongoReplicaSet } from '@oauth-ratchet/engines'
import { contractCases } from '@oauth-ratchet/storage-contract'

import type { GrantRecord } from '@oauth-ratchet/core'

import { revokeFilter, sampleGrant } from '../../storage-contract/src/samples.js'
import { refreshed, startApp } from './setup/app.js'
import type { App, AppOptions } from './setup/app.js'
import { MongooseHarness } from './setup/mongoose-harness.js'
import { expectNothingLost, refreshDuring, signInClients } from './setup/refreshing-clients.js'
import { startStandaloneMongod } from './setup/standalone-mongod.js'

// What only a real server can show. Without one these tests are named at the end of the run as not run.

const OUTAGE = { status: 503, error: 'temporarily_unavailable' }
const MINUTES = 300_000

describeWithMongod(
  'MongooseStorage on a replica set of three',
  () => {
    let set: MongoReplicaSet
    let apps: App[] = []

    beforeAll(async () => {
      set = await startMongoReplicaSet()
    }, ENGINE_TIMEOUT_MS)

    afterEach(async () => {
      await set.releaseSecondaries()
      for (const app of apps) await app.stop()
      apps = []
    }, MINUTES)

    afterAll(async () => {
      await set.stop()
    }, MINUTES)

    async function start(options: Partial<AppOptions> = {}): Promise<App> {
      const app = await startApp({ url: set.url, ...options })
      apps.push(app)
      return app
    }

    /** Kills the primary while its secondaries have nothing of what was written last, and waits for another. */
    async function failOver(): Promise<void> {
      const primary = await set.primary()
      await primary.kill()
      await set.releaseSecondaries()
      await set.primary()
      await primary.restart()
      await waitUntil(
        'the old primary follows',
        async () => (await primary.command({ hello: 1 }))['secondary'] === true,
        { timeoutMs: 60_000 },
      )
    }

    it(
      'a turn that only the primary has is an outage, and is answered once a majority has it',
      async () => {
        const app = await start()
        const [subject, first] = ['alice', await app.signIn('alice')]
        await set.holdBackSecondaries()
        expect(await app.refresh(first, 'key-1')).toEqual(OUTAGE)
        const [grant] = await app.server.grants.list({ subject })
        await expect(app.storage.grants.find(grant?.id ?? '')).rejects.toMatchObject({ outcome: 'unknown' })
        await set.releaseSecondaries()
        const second = refreshed(await app.refresh(first, 'key-1'))
        refreshed(await app.refresh(second, 'key-2'))
        expect(app.alarms).toEqual([])
      },
      MINUTES,
    )

    it(
      'a loser is not told of a turn that only the primary has, from any process',
      async () => {
        const app = await start({ server: { refreshToken: { reuseGrace: 60 } } })
        const other = await start({
          dbName: app.connection.name,
          server: { refreshToken: { reuseGrace: 60 } },
        })
        const first = await app.signIn()
        await set.holdBackSecondaries()
        expect(await Promise.all([app.refresh(first), other.refresh(first)])).toEqual([OUTAGE, OUTAGE])
        await set.releaseSecondaries()
        const [one, two] = await Promise.all([app.refresh(first), other.refresh(first)])
        expect(refreshed(one)).toBe(refreshed(two))
      },
      MINUTES,
    )

    it(
      'what was answered survives a primary that is killed with its secondaries behind',
      async () => {
        const app = await start()
        const clients = await signInClients(app, 8)
        await refreshDuring(app, clients, async () => {
          await waitUntil('the storm is under way', () => clients.every(({ turns }) => turns > 5))
          await set.holdBackSecondaries()
          await waitUntil('nothing is answered any more', () => clients.every(({ outages }) => outages > 0))
          await failOver()
        })
        await expectNothingLost(app, clients)
      },
      MINUTES,
    )

    it(
      'with w: 1 it does not: that is what majority is for',
      async () => {
        const app = await start({ writeConcern: { w: 1 } })
        const first = await app.signIn()
        // With the sign-in on every member, only the turn is at stake.
        await app.connection.db?.collection('fence').insertOne({}, { writeConcern: { w: 'majority' } })
        await set.holdBackSecondaries()
        const second = refreshed(await app.refresh(first))
        await failOver()
        await app.connected()
        expect(await app.refresh(second)).toEqual({ status: 400, error: 'invalid_grant' })
        refreshed(await app.refresh(first))
      },
      MINUTES,
    )

    it(
      'a primary that steps down in a storm is an outage of a moment',
      async () => {
        const app = await start()
        const clients = await signInClients(app, 8)
        await refreshDuring(app, clients, async () => {
          for (let round = 1; round <= 2; round += 1) {
            const turns = clients.map((client) => client.turns)
            await set.stepDown()
            await set.primary()
            await waitUntil(
              'the storm goes on',
              () => clients.every((client, index) => client.turns > (turns[index] ?? 0) + 5),
              { timeoutMs: 60_000 },
            )
          }
        })
        await expectNothingLost(app, clients)
      },
      MINUTES,
    )

    it(
      'a primary that stands still for seconds is an outage, and costs nobody a session',
      async () => {
        const app = await start()
        const clients = await signInClients(app, 8)
        await refreshDuring(app, clients, async () => {
          await waitUntil('the storm is under way', () => clients.every(({ turns }) => turns > 5))
          await (await set.primary()).pause(4000)
          await set.primary()
        })
        await expectNothingLost(app, clients)
      },
      MINUTES,
    )
  },
  { own: true },
)

describeWithMongod('MongooseStorage, as the server sees it,', (engine) => {
  let app: App

  beforeAll(async () => {
    app = await startApp({ url: engine.url })
  }, ENGINE_TIMEOUT_MS)

  afterAll(async () => {
    await app.connection.dropDatabase()
    await app.stop()
  })

  /** What the profiler saw of the work on the grants. */
  async function profiled(work: () => Promise<unknown>) {
    const { db } = app.connection
    await db?.command({ profile: 2 })
    await work()
    await db?.command({ profile: 0 })
    const seen = await db
      ?.collection('system.profile')
      .find({ ns: /_grants$/ })
      .toArray()
    await db?.collection('system.profile').drop()
    return seen ?? []
  }

  it('a refresh is one findAndModify by `_id`', async () => {
    let token = await app.signIn()
    const seen = await profiled(async () => {
      for (let turn = 0; turn < 10; turn += 1) token = refreshed(await app.refresh(token))
    })
    expect(seen).toHaveLength(10)
    for (const { command, planSummary, docsExamined, nModified } of seen) {
      expect(Object.keys(command)[0]).toMatch(/^findAndModify$/i)
      expect({ planSummary, docsExamined, nModified }).toMatchObject({ docsExamined: 1, nModified: 1 })
      expect(planSummary).toMatch(/^IDHACK|EXPRESS|IXSCAN \{ _id: 1 \}/)
    }
  })

  it('a page of a subject is read in the order of its index, under several hashes too', async () => {
    const now = Date.now()
    const { grants } = app.storage
    const seen = await profiled(async () => {
      await grants.listBySubject(['one'], { now }, { limit: 10 })
      await grants.listBySubject(['one', 'other'], { now }, { limit: 10, cursor: `s.${now}.id` })
      await grants.revokeBySubject(['one', 'other'], revokeFilter(now), { limit: 10 })
    })
    expect(seen).toHaveLength(5)
    for (const { planSummary, hasSortStage } of seen) {
      expect(planSummary).toMatch(/IXSCAN \{ subject: 1, created: 1, _id: 1[ ,]/)
      expect(hasSortStage).toBeUndefined()
    }
  })

  it('a list reads neither what has ended, nor codes, nor the grants of other clients', async () => {
    const now = Date.now()
    const { grants } = app.storage
    const create = async (count: number, fields: Partial<GrantRecord>): Promise<void> => {
      const records = Array.from({ length: count }, () =>
        sampleGrant(now, { subjectHash: 'busy', ...fields }),
      )
      for (const record of records) await grants.create(record)
    }
    await create(100, { sessionHash: 'ended' })
    await grants.revokeBySubject(['busy'], revokeFilter(now), { limit: 1000 })
    await create(100, { generation: 0 })
    await create(100, { clientId: 'another' })
    await create(3, {})
    const seen = await profiled(async () => {
      await grants.listBySubject(['busy'], { now, clientId: 'client-a' }, { limit: 10 })
      await grants.listBySubject(['busy'], { now }, { limit: 1000 })
    })
    expect(seen.map(({ docsExamined }) => docsExamined)).toEqual([3, 103])
    for (const { planSummary } of seen) expect(planSummary).toContain('client: 1')
  })
})

describeWithMongod(
  'MongooseStorage on a server that stands alone',
  ({ binary = '' }) => {
    it(
      'keeps the whole contract',
      async () => {
        const server = await startStandaloneMongod(binary)
        try {
          const harness = new MongooseHarness({ url: server.url })
          for (const each of contractCases) await each.run(harness)
        } finally {
          await server.stop()
        }
      },
      ENGINE_TIMEOUT_MS,
    )
  },
  { own: true },
)
