import assert from 'node:assert/strict'

import type { ClientRecord, ClientStore } from '@oauth-ratchet/core'

import { defineCases } from '../define-cases.js'
import { allPages, idsOf } from '../samples.js'
import { TROUBLESOME_STRINGS } from './create.js'

function sampleClient(id: string, revision = 0): ClientRecord {
  return { id, revision, data: JSON.stringify({ client_id: id, client_name: `Zoë & 日本 ${revision}` }) }
}

async function assertStored(clients: ClientStore, expected: ClientRecord): Promise<void> {
  const found = await clients.find(expected.id)
  assert.deepEqual({ ...found }, { ...expected })
}

async function listAll(clients: ClientStore, limit: number): Promise<ClientRecord[]> {
  const pages = await allPages(limit, (page) => clients.list(page))
  for (const page of pages) assert.ok(page.clients.length <= limit, 'a page should not exceed its limit')
  return pages.flatMap((page) => [...page.clients])
}

export const clientCases = defineCases('clients', {
  'a client is found as it was saved': async ({ clients }) => {
    const client = sampleClient('client-a')
    assert.equal(await clients.save(client, null), true)
    await assertStored(clients, client)
    assert.equal(await clients.find('client-b'), undefined)
    assert.equal(await clients.find('__proto__'), undefined)
  },

  'a new client does not replace one that is there': async ({ clients }) => {
    const client = sampleClient('client-a')
    await clients.save(client, null)
    assert.equal(await clients.save({ ...client, data: '{"another":true}' }, null), false)
    assert.equal(await clients.save(sampleClient('client-a', 1), null), false)
    await assertStored(clients, client)
  },

  'a client is replaced at the revision that the caller has seen, and at no other': async ({ clients }) => {
    const second = sampleClient('client-a', 2)
    await clients.save(sampleClient('client-a', 1), null)
    assert.equal(await clients.save(second, 1), true)
    await assertStored(clients, second)
    for (const stale of [0, 1, 3]) {
      assert.equal(await clients.save(sampleClient('client-a', 4), stale), false)
    }
    await assertStored(clients, second)
  },

  'a client that is not there is not replaced, and does not come to be': async ({ clients }) => {
    assert.equal(await clients.save(sampleClient('client-a', 1), 0), false)
    assert.equal(await clients.find('client-a'), undefined)
  },

  'the same save run twice by a driver is answered as done both times': async ({ clients }) => {
    const [first, second] = [sampleClient('client-a', 0), sampleClient('client-a', 1)]
    assert.equal(await clients.save(first, null), true)
    assert.equal(await clients.save(first, null), true)
    assert.equal(await clients.save(second, 0), true)
    assert.equal(await clients.save(second, 0), true)
    await assertStored(clients, second)
    const rival = { ...second, data: '{"another":true}' }
    assert.equal(await clients.save(rival, 0), false, "another's record at that revision is not one's own")
  },

  'a client is removed once, and can then be made anew': async ({ clients }) => {
    await clients.save(sampleClient('client-a'), null)
    assert.equal(await clients.remove('client-a'), true)
    assert.equal(await clients.find('client-a'), undefined)
    assert.equal(await clients.remove('client-a'), false)
    assert.deepEqual(await listAll(clients, 10), [])
    assert.equal(await clients.save(sampleClient('client-a'), null), true)
  },

  'clients are listed by id, in pages of any size': async ({ clients }) => {
    const all = ['m', 'b', 'z', 'a', 'c', 'B', '10', '9'].map((id) => sampleClient(id))
    for (const client of all) await clients.save(client, null)
    const expected = all.toSorted((one, other) => (one.id < other.id ? -1 : 1))
    for (const limit of [1, 2, 3, 7, 8, 9, 1000]) {
      const listed = await listAll(clients, limit)
      assert.deepEqual(
        listed.map((client) => ({ ...client })),
        expected,
      )
    }
  },

  'a client that is removed or made between two pages neither hides nor repeats another': async ({
    clients,
  }) => {
    for (const id of ['a', 'b', 'c', 'd', 'e', 'f']) await clients.save(sampleClient(id), null)
    let pages = 0
    const listed = await allPages(2, async (page) => {
      pages += 1
      if (pages === 2) {
        await clients.remove('b')
        for (const id of ['aa', 'ab']) await clients.save(sampleClient(id), null)
        await clients.save(sampleClient('e', 1), 0)
      }
      return clients.list(page)
    })
    const ids = idsOf(listed.flatMap((page) => [...page.clients]))
    assert.deepEqual(ids, ['a', 'b', 'c', 'd', 'e', 'f'])
  },

  'ids and documents are kept as they are, whatever is in them': async ({ clients }) => {
    const ids = [
      ...TROUBLESOME_STRINGS,
      'https://app.example.com/oauth/client.json?a=b#c',
      'Client',
      'client',
    ]
    for (const id of ids) assert.equal(await clients.save(sampleClient(id), null), true)
    for (const id of ids) await assertStored(clients, sampleClient(id))
    assert.deepEqual(idsOf(await listAll(clients, 3)).toSorted(), ids.toSorted())
    for (const id of ids) assert.equal(await clients.remove(id), true)
  },

  'a client is seen by every other connection': async ({ clients, harness }) => {
    const other = await harness.connect()
    await clients.save(sampleClient('client-a'), null)
    assert.equal(await other.clients.save(sampleClient('client-a', 1), 0), true)
    await assertStored(clients, sampleClient('client-a', 1))
    assert.equal(await clients.save(sampleClient('client-a', 2), 0), false)
  },
})
