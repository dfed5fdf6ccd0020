import assert from 'node:assert/strict'

import { defineCases } from '../define-cases.js'
import { HOUR, randomId } from '../samples.js'
import { TROUBLESOME_STRINGS } from './create.js'

const KEYS = [...TROUBLESOME_STRINGS, 'constructor', 'k'.repeat(500)]

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
