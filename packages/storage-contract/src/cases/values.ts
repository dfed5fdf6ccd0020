import assert from 'node:assert/strict'

import { isCursorError } from '@oauth-ratchet/core'
import type { ValueRecord, ValueStore } from '@oauth-ratchet/core'

import { defineCases } from '../define-cases.js'
import { allPages, HOUR, randomId, sampleGrant } from '../samples.js'
import { TROUBLESOME_STRINGS } from './create.js'

const KEYS = [...TROUBLESOME_STRINGS, 'constructor', 'k'.repeat(500)]

/** Each entry that a walk finds, once, by kind and key. */
async function scanned(values: ValueStore, limit: number): Promise<ValueRecord[]> {
  const pages = await allPages(limit, (page) => values.scan(page))
  for (const page of pages) assert.ok(page.values.length <= limit, 'a page should not exceed its limit')
  const all = pages.flatMap((page) => [...page.values])
  return sorted([...new Map(all.map((entry) => [nameOf(entry), entry])).values()])
}

function sorted(entries: readonly ValueRecord[]): ValueRecord[] {
  return entries.toSorted((one, other) => (nameOf(one) < nameOf(other) ? -1 : 1))
}

function nameOf({ kind, key }: ValueRecord): string {
  return `${kind} ${key}`
}

export const valueCases = defineCases('marks and values', {
  'a key is marked once, by one owner, who may say so again': async ({ values, now }) => {
    const owner = randomId()
    assert.equal(await values.mark('key', owner, now + HOUR, now), true)
    assert.equal(await values.mark('key', owner, now + HOUR, now), true, 'a driver may run it twice')
    assert.equal(await values.mark('key', randomId(), now + HOUR, now), false)
    assert.equal(await values.mark('key', owner, now + HOUR, now), true, 'the mark is still its own')
  },

  'a mark can be seen until it expires': async ({ values, now }) => {
    assert.equal(await values.isMarked('key', now), false)
    await values.mark('key', 'owner', now + HOUR, now)
    assert.equal(await values.isMarked('key', now), true)
    assert.equal(await values.isMarked('key', now + HOUR - 1), true)
    assert.equal(await values.isMarked('key', now + HOUR), false)
    assert.equal(await values.isMarked('another', now), false)
  },

  'an expired mark can be set anew by anyone, and then is theirs': async ({ values, now }) => {
    await values.mark('key', 'first', now + HOUR, now)
    assert.equal(await values.mark('key', 'second', now + 3 * HOUR, now + HOUR - 1), false)
    assert.equal(await values.mark('key', 'second', now + 3 * HOUR, now + HOUR), true)
    assert.equal(await values.mark('key', 'first', now + 3 * HOUR, now + HOUR), false)
    assert.equal(await values.isMarked('key', now + 2 * HOUR), true)
  },

  'a mark that was refused does not lengthen the one that stands': async ({ values, now }) => {
    await values.mark('key', 'first', now + HOUR, now)
    await values.mark('key', 'second', now + 9 * HOUR, now)
    assert.equal(await values.isMarked('key', now + HOUR), false)
  },

  'a value can be looked at until it expires': async ({ values, now }) => {
    await values.stash('key', 'content', now + HOUR)
    assert.equal(await values.peek('key', now), 'content')
    assert.equal(await values.peek('key', now + HOUR - 1), 'content')
    assert.equal(await values.peek('key', now + HOUR), undefined)
    assert.equal(await values.peek('another', now), undefined)
  },

  'a value can be taken once': async ({ values, now }) => {
    await values.stash('key', 'content', now + HOUR)
    assert.equal(await values.take('key', now), 'content')
    assert.equal(await values.take('key', now), undefined)
    assert.equal(await values.peek('key', now), undefined)
    assert.equal(await values.take('another', now), undefined)
  },

  'an expired value cannot be taken': async ({ values, now }) => {
    await values.stash('key', 'content', now + HOUR)
    assert.equal(await values.take('key', now + HOUR), undefined)
  },

  'a value replaces the one before, and its expiry': async ({ values, now }) => {
    await values.stash('key', 'first', now + HOUR)
    await values.stash('key', 'second', now + 2 * HOUR)
    assert.equal(await values.peek('key', now + HOUR), 'second')
    await values.stash('key', 'third', now + HOUR)
    assert.equal(await values.peek('key', now + HOUR), undefined)
    assert.equal(await values.take('key', now), 'third')
  },

  'a mark and a value under one key do not meet': async ({ values, now }) => {
    await values.mark('key', 'owner', now + HOUR, now)
    assert.equal(await values.peek('key', now), undefined)
    await values.stash('key', 'content', now + HOUR)
    assert.equal(await values.take('key', now), 'content')
    assert.equal(await values.isMarked('key', now), true)
    assert.equal(await values.mark('key', 'another', now + HOUR, now), false)
  },

  'keys and values are kept as they are, whatever is in them': async ({ values, now }) => {
    assert.equal(await values.isMarked('constructor', now), false)
    assert.equal(await values.peek('__proto__', now), undefined)
    for (const key of KEYS) {
      await values.stash(key, `value of ${key}`, now + HOUR)
      assert.equal(await values.mark(key, key, now + HOUR, now), true)
    }
    for (const key of KEYS) {
      assert.equal(await values.mark(key, key, now + HOUR, now), true)
      assert.equal(await values.mark(key, `not ${key}`, now + HOUR, now), false)
      assert.equal(await values.take(key, now), `value of ${key}`)
    }
    await values.stash('empty', '', now + HOUR)
    assert.equal(await values.peek('empty', now), '')
    await values.stash('long', 'content '.repeat(10_000), now + HOUR)
    assert.equal(await values.take('long', now), 'content '.repeat(10_000))
  },

  'a scan finds every mark and value as it is, in pages of any size': async ({
    values,
    grants,
    clients,
    now,
  }) => {
    await grants.create(sampleGrant(now))
    await clients.save({ id: 'client', revision: 0, data: '{}' }, null)
    const entries = KEYS.flatMap((key): ValueRecord[] => [
      { kind: 'mark', key, owner: `owner of ${key}`, expiresAt: now + HOUR },
      { kind: 'value', key, value: `value of ${key}`, expiresAt: now + 2 * HOUR },
    ])
    for (const entry of entries) {
      if (entry.kind === 'mark') await values.mark(entry.key, entry.owner, entry.expiresAt, now)
      else await values.stash(entry.key, entry.value, entry.expiresAt)
    }
    for (const limit of [1, 3, 7, 100]) assert.deepEqual(await scanned(values, limit), sorted(entries))
    await values.take('null', now)
    assert.equal((await scanned(values, 7)).length, entries.length - 1)
  },

  'a scan of no marks and values ends at once': async ({ values, grants, now }) => {
    await grants.create(sampleGrant(now))
    assert.deepEqual(await scanned(values, 10), [])
  },

  'a cursor that was not made by the scan of values is a CursorError': async ({ values }) => {
    for (const cursor of ['', 'x', 'g.position', 'v.']) {
      await assert.rejects(values.scan({ cursor, limit: 10 }), isCursorError)
    }
  },

  'marks and values are seen by every other connection': async ({ values, harness, now }) => {
    const other = await harness.connect()
    await values.mark('key', 'owner', now + HOUR, now)
    assert.equal(await other.values.isMarked('key', now), true)
    assert.equal(await other.values.mark('key', 'another', now + HOUR, now), false)
    await other.values.stash('key', 'content', now + HOUR)
    assert.equal(await values.take('key', now), 'content')
    assert.equal(await other.values.take('key', now), undefined)
  },
})
