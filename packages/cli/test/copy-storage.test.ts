import { randomBytes } from 'node:crypto'

import { MemoryStorage } from '@oauth-ratchet/core'
import type { GrantRecord, Storage } from '@oauth-ratchet/core'

import { copyStorage } from '../src/copy/copy-storage.js'
import { serviceOn } from './setup/service.js'

const now = Date.now()
const later = now + 3_600_000

function id(): string {
  return randomBytes(16).toString('base64url')
}

function sampleGrant(fields: Partial<GrantRecord> = {}): GrantRecord {
  return {
    id: id(),
    clientId: 'app',
    subjectHash: 'subject',
    generation: 1,
    nonce: id(),
    accessNonce: id(),
    createdAt: now,
    turnedAt: now,
    idleLifetime: null,
    absoluteExpiresAt: later,
    expiresAt: later,
    revision: 0,
    format: 1,
    facts: 'sealed',
    ...fields,
  }
}

async function filled(): Promise<MemoryStorage> {
  const storage = new MemoryStorage()
  await Promise.all(Array.from({ length: 500 }, () => storage.grants.create(sampleGrant())))
  await storage.values.mark('jti', 'owner', later, now)
  await storage.clients.save({ id: 'client', revision: 7, data: '{}' }, null)
  return storage
}

/** Does something once, when the copy has come to comparing. */
async function copyWhile(from: Storage, to: Storage, act: () => Promise<unknown>): Promise<unknown> {
  let acting: Promise<unknown> | undefined
  const values = { ...from.values, scan: from.values.scan.bind(from.values) }
  const scan = from.grants.scan.bind(from.grants)
  const grants: Storage['grants'] = Object.assign(Object.create(from.grants), {
    scan: async (...call: Parameters<typeof scan>) => {
      const page = await scan(...call)
      // Behind the last page, which is then copied.
      if (page.cursor === undefined) await (acting ??= act())
      return page
    },
  })
  return copyStorage({ ...from, grants, values, clients: from.clients }, to)
}

test('an entry that has expired is left out, and counted', async () => {
  const from = await filled()
  await from.grants.create(sampleGrant({ expiresAt: now - 1 }))
  const to = new MemoryStorage()
  const report = await copyStorage(from, to)
  expect(report).toEqual({
    copied: { live: 500, codes: 0, revoked: 0, tombstones: 0, clients: 1, marks: 1, values: 0 },
    expired: 1,
    damaged: [],
  })
  expect(await to.clients.find('client')).toEqual({ id: 'client', revision: 7, data: '{}' })
})

test.each<[string, (to: MemoryStorage) => Promise<unknown>]>([
  ['a grant', (to) => to.grants.create(sampleGrant())],
  ['a mark', (to) => to.values.mark('jti', 'owner', later, now)],
  ['a value', (to) => to.values.stash('key', 'value', later)],
  ['a client', (to) => to.clients.save({ id: 'other', revision: 0, data: '{}' }, null)],
])('a target that has %s is refused, and nothing is copied', async (_, fill) => {
  const from = await filled()
  const to = new MemoryStorage()
  await fill(to)
  await expect(copyStorage(from, to)).rejects.toMatchObject({ code: 'target_not_empty' })
  expect((await to.grants.scan({ limit: 10 })).grants.length).toBeLessThan(2)
})

test('of two copies into one target one is refused', async () => {
  const from = await filled()
  const to = new MemoryStorage()
  const [one, other] = await Promise.allSettled([copyStorage(from, to), copyStorage(from, to)])
  const failed = [one, other].filter(({ status }) => status === 'rejected')
  expect(failed).toHaveLength(1)
  expect(failed[0]).toMatchObject({ reason: { code: 'target_in_copy' } })
})

test('what an unfinished copy has left is neither a target nor a source, and no server starts on it', async () => {
  const from = await filled()
  const to = new MemoryStorage()
  await expect(copyWhile(from, to, () => Promise.reject(new Error('cut off')))).rejects.toThrow('cut off')
  await expect(copyStorage(from, to)).rejects.toMatchObject({ code: 'target_in_copy' })
  await expect(copyStorage(to, new MemoryStorage())).rejects.toMatchObject({ code: 'source_unfinished' })
  await expect(serviceOn(to).ready()).rejects.toMatchObject({ code: 'storage.unfinished_copy' })
})

test.each<[string, 'source_changed' | 'target_changed', (from: Storage, to: Storage) => Promise<unknown>]>([
  ['a sign-in in the source', 'source_changed', (from) => from.grants.create(sampleGrant())],
  [
    'a revocation in the source',
    'source_changed',
    async (from) => {
      const { grants } = await from.grants.scan({ limit: 1 })
      await from.grants.revoke(grants[0]?.id ?? '', 'revoked', now, { keepUntil: later, by: 'someone' })
    },
  ],
  ['a sign-in in the target', 'target_changed', (_, to) => to.grants.create(sampleGrant())],
  ['a client removed from the target', 'target_changed', (_, to) => to.clients.remove('client')],
  [
    'a mark of another in the target',
    'target_changed',
    (_, to) => to.values.mark('other', 'owner', later, now),
  ],
])('%s while the copy runs is an error', async (_, code, act) => {
  const from = await filled()
  const to = new MemoryStorage()
  await expect(copyWhile(from, to, () => act(from, to))).rejects.toMatchObject({ code })
})

test('grants of one subject are inserted one after the other: an index that is tidied meanwhile loses none', async () => {
  const from = await filled()
  const to = new MemoryStorage()
  const create = to.grants.create.bind(to.grants)
  let inFlight = 0
  let most = 0
  to.grants.create = async (record) => {
    inFlight += 1
    most = Math.max(most, inFlight)
    await new Promise((resolve) => setImmediate(resolve))
    inFlight -= 1
    return create(record)
  }
  await copyStorage(from, to)
  expect(most).toBe(1)
})
