import { ENGINE_TIMEOUT_MS } from '@oauth-ratchet/engines'
import type { Connection } from 'mongoose'

import {
  expectationOf,
  HOUR,
  randomId,
  revokeFilter,
  revokeOptions,
  sampleChange,
  sampleGrant,
} from '../../storage-contract/src/samples.js'
import { MongooseStorage } from '../src/index.js'
import { refreshed, startApp } from './setup/app.js'
import { connectTo, databaseName } from './setup/mongoose-harness.js'
import { startPrivateEngine } from './setup/private-engine.js'
import type { PrivateEngine } from './setup/private-engine.js'
import { filtersOf, sentDuring } from './setup/sent-commands.js'
import type { SentCommand } from './setup/sent-commands.js'

/** What an app may have set for its own documents, all of it wrong for these. */
const OF_THE_APP = {
  monitorCommands: true,
  readPreference: 'secondaryPreferred',
  readConcernLevel: 'majority',
  w: 1,
} as const

const now = Date.now()

let engine: PrivateEngine
let connection: Connection
let storage: MongooseStorage

beforeAll(async () => {
  engine = await startPrivateEngine()
  connection = await connectTo(engine.url, databaseName(), OF_THE_APP)
  storage = new MongooseStorage({ connection })
  await storage.init()
}, ENGINE_TIMEOUT_MS)

afterAll(async () => {
  await connection.close()
  await engine.stop()
})

async function created(fields = {}) {
  const record = sampleGrant(now, fields)
  await storage.grants.create(record)
  return record
}

function namesOf(sent: readonly SentCommand[]): string[] {
  return sent.map(({ name }) => name)
}

function readConcernsOf(sent: readonly SentCommand[]): unknown[] {
  return sent.flatMap(({ name, command }) => (name === 'find' ? [command['readConcern']?.level] : []))
}

it('a page of hundreds is one read, and ending it one read and one pipeline', async () => {
  const subjectHash = randomId()
  for (let made = 0; made < 400; made += 20) {
    await Promise.all(Array.from({ length: 20 }, () => created({ subjectHash })))
  }
  const page = { limit: 300 }
  // Commands are counted, not timed: on a busy machine hundreds of updates take longer than the default.
  const { grants } = new MongooseStorage({ connection, timeoutMs: 10_000 })
  const listed = await sentDuring(connection, () => grants.listBySubject([subjectHash], { now }, page))
  const ended = await sentDuring(connection, () =>
    grants.revokeBySubject([subjectHash], revokeFilter(now), page),
  )
  const scanned = await sentDuring(connection, () => grants.scan(page))
  expect([listed, ended, scanned].map(namesOf)).toEqual([['find'], ['find', 'update'], ['find']])
})

it('a refresh is one findAndModify, counted at the server and at the driver', async () => {
  const app = await startApp({ url: engine.url, connect: { monitorCommands: true } })
  let token = await app.signIn()
  const before = await engine.counts()
  const sent = await sentDuring(app.connection, async () => {
    for (let turn = 0; turn < 20; turn += 1) token = refreshed(await app.refresh(token))
  })
  const after = await engine.counts()
  expect((after.get('findAndModify') ?? 0) - (before.get('findAndModify') ?? 0)).toBe(20)
  expect(namesOf(sent)).toEqual(Array.from({ length: 20 }, () => 'findAndModify'))
  await app.stop()
})

/** Every call there is about one grant, value or client, in each of its branches. */
const CALLS: Readonly<Record<string, () => Promise<unknown>>> = {
  'create, twice': async () => {
    const record = await created()
    await storage.grants.create(record)
  },
  'a turn, won and lost': async () => {
    const record = await created()
    await storage.grants.turn(record.id, expectationOf(record, now), sampleChange())
    await storage.grants.turn(record.id, expectationOf(record, now), sampleChange())
  },
  'an amendment, made and refused': async () => {
    const { id } = await created()
    await storage.grants.amend(id, 0, { now, facts: 'amended' })
    await storage.grants.amend(id, 0, { now, facts: 'amended' })
  },
  'a new access nonce': async () => storage.grants.renewAccessNonce((await created()).id, randomId()),
  'a revocation, a second and a longer one': async () => {
    const { id } = await created()
    await storage.grants.revoke(id, 'revoked', now, revokeOptions(now))
    await storage.grants.revoke(id, 'revoked', now, { ...revokeOptions(now), keepUntil: now + 2 * HOUR })
  },
  'a revocation of what is not there, or no longer': async () => {
    await storage.grants.revoke(randomId(), 'revoked', now, revokeOptions(now))
    const { id } = await created()
    await storage.grants.revoke(id, 'revoked', now + 365 * 24 * HOUR, revokeOptions(now + 365 * 24 * HOUR))
  },
  'a mark and a look at it': async () => {
    await storage.values.mark('key', 'owner', now + HOUR, now)
    await storage.values.mark('key', 'another', now + HOUR, now)
    await storage.values.isMarked('key', now)
  },
  'a value, kept and taken': async () => {
    await storage.values.stash('key', 'value', now + HOUR)
    await storage.values.peek('key', now)
    await storage.values.take('key', now)
  },
  'a client, saved, replaced and removed': async () => {
    await storage.clients.save({ id: 'client', revision: 0, data: '{}' }, null)
    await storage.clients.save({ id: 'client', revision: 1, data: '{}' }, null)
    await storage.clients.save({ id: 'client', revision: 1, data: '{}' }, 0)
    await storage.clients.find('client')
    await storage.clients.remove('client')
  },
}

describe('every operation on one document names its `_id`, which is the shard key, as one value', () => {
  it.each(Object.entries(CALLS))('%s', async (_name, call) => {
    const sent = await sentDuring(connection, call)
    expect(sent.length).toBeGreaterThan(0)
    for (const filter of sent.flatMap(filtersOf)) {
      const { _id: id } = filter
      expect(typeof (id?.$eq ?? id)).toBe('string')
    }
  })
})

describe('whatever the connection is set to, a call', () => {
  const walks: typeof CALLS = {
    'a list, a revocation by subject and a scan': async () => {
      await created({ subjectHash: 'walked' })
      await storage.grants.listBySubject(['walked'], { now }, { limit: 10 })
      await storage.grants.revokeBySubject(['walked'], revokeFilter(now), { limit: 10 })
      await storage.grants.scan({ limit: 1 })
      await storage.clients.list({ limit: 1 })
    },
  }

  it.each(Object.entries({ ...CALLS, ...walks }))(
    'reads the primary, writes to the majority, has a limit in time and no transaction: %s',
    async (_name, call) => {
      const sent = await sentDuring(connection, call)
      expect(sent.length).toBeGreaterThan(0)
      for (const { name, command } of sent) {
        expect(command['$readPreference']?.mode ?? 'primary').toBe('primary')
        expect(command['maxTimeMS']).toBe(1500)
        expect(command['startTransaction'] ?? command['autocommit']).toBeUndefined()
        if (name === 'find') expect(['local', 'linearizable']).toContain(command['readConcern']?.level)
        else expect(command['writeConcern']).toEqual({ w: 'majority' })
        // What the driver will send again after a lost answer has a number, and a second time does nothing.
        if (name !== 'find') expect(command['txnNumber']).toBeDefined()
      }
    },
  )
})

describe('a record that a turn or a revocation did not fit is answered only as it stands for good', () => {
  it('by a linearizable read of one document', async () => {
    const record = await created()
    await storage.grants.turn(record.id, expectationOf(record, now), sampleChange())
    const lost = await sentDuring(connection, () =>
      storage.grants.turn(record.id, expectationOf(record, now), sampleChange()),
    )
    expect(namesOf(lost)).toEqual(['findAndModify', 'find'])
    expect(readConcernsOf(lost)).toEqual(['linearizable'])
    const again = await sentDuring(connection, async () => {
      await storage.grants.amend(record.id, 9, { now })
      await storage.grants.create(record)
      await storage.grants.revoke(record.id, 'revoked', now, revokeOptions(now))
      await storage.grants.revoke(record.id, 'revoked', now, revokeOptions(now))
    })
    expect(readConcernsOf(again)).toEqual(['linearizable', 'linearizable', 'linearizable'])
  })

  it('by a plain one on a server that stands alone and knows no other', async () => {
    const record = await created()
    await engine.failCommand({ failCommands: ['find'], errorCode: 123 })
    const lost = await sentDuring(connection, async () => {
      const { turned, grant } = await storage.grants.turn(
        record.id,
        { ...expectationOf(record, now), nonce: 'another' },
        sampleChange(),
      )
      expect([turned, grant]).toEqual([false, record])
    })
    expect(readConcernsOf(lost)).toEqual(['linearizable', 'local'])
  })

  it('by a plain one where the app has chosen w: 1', async () => {
    const lossy = new MongooseStorage({ connection, writeConcern: { w: 1 } })
    const record = await created()
    const lost = await sentDuring(connection, () =>
      lossy.grants.turn(record.id, { ...expectationOf(record, now), nonce: 'another' }, sampleChange()),
    )
    expect(readConcernsOf(lost)).toEqual(['local'])
    expect(lost[0]?.command['writeConcern']).toEqual({ w: 1 })
  })
})

describe('a find', () => {
  it('is a plain read', async () => {
    const { id } = await created()
    expect(readConcernsOf(await sentDuring(connection, () => storage.grants.find(id)))).toEqual(['local'])
  })

  it('after a write whose outcome is unknown answers only what stands for good', async () => {
    const [record, other] = [await created(), await created()]
    await engine.failCommand({
      failCommands: ['findAndModify'],
      writeConcernError: { code: 64, codeName: 'WriteConcernFailed', errmsg: 'timed out' },
    })
    const next = sampleChange()
    await expect(storage.grants.turn(record.id, expectationOf(record, now), next)).rejects.toMatchObject({
      name: 'StorageError',
      outcome: 'unknown',
    })
    const looks = await sentDuring(connection, async () => {
      expect((await storage.grants.find(record.id))?.nonce).toBe(next.nonce)
      await storage.grants.find(other.id)
    })
    expect(readConcernsOf(looks)).toEqual(['linearizable', 'local'])
  })

  it('while a write of the same grant is under way answers only what stands for good', async () => {
    const record = await created()
    const looks = await sentDuring(connection, async () => {
      const turning = storage.grants.turn(record.id, expectationOf(record, now), sampleChange())
      await storage.grants.find(record.id)
      await turning
      await storage.grants.find(record.id)
    })
    expect(readConcernsOf(looks)).toEqual(['linearizable', 'local'])
  })

  it('of what is no string finds nothing', async () => {
    await created()
    const anyId: unknown = { $gt: '' }
    expect(await storage.grants.find(anyId as string)).toBeUndefined()
    expect(await storage.clients.find(anyId as string)).toBeUndefined()
  })
})
