import { MemoryStorage } from '@oauth-ratchet/core'
import type { Grant, GrantPage, GrantRecord } from '@oauth-ratchet/core'
import { interceptedStorage } from '../setup/intercepted-storage.js'
import { tampered } from '../setup/tampered.js'
import { startServer } from '../setup/test-server.js'
import { expectDead, idOfGrant, issue } from '../setup/tokens.js'

const ways: [string, (record: GrantRecord) => GrantRecord][] = [
  ['are damaged', (record) => ({ ...record, facts: tampered(record.facts) })],
  ['are of a newer format', (record) => ({ ...record, format: 99 })],
]

/** Three grants of one user, the first two of which cannot be opened. */
async function withUnreadable(spoil: (record: GrantRecord) => GrantRecord) {
  const unreadable: string[] = []
  const spoilt = (record: GrantRecord) => (unreadable.includes(record.id) ? spoil(record) : record)
  const storage = interceptedStorage(new MemoryStorage(), async ({ name }, proceed) => {
    const answer = await proceed()
    if (name === 'grants.listBySubject') {
      const page = answer as GrantPage
      return { ...page, grants: page.grants.map(spoilt) }
    }
    return name === 'grants.find' && answer !== undefined ? spoilt(answer as GrantRecord) : answer
  })
  const at = startServer({ storage })
  const tokens = []
  for (let count = 0; count < 3; count++) {
    tokens.push(await issue(at))
    at.clock.advance(1)
  }
  unreadable.push(...tokens.slice(0, 2).map(idOfGrant))
  return { at, tokens, unreadable }
}

describe.each(ways)("where a user's grants %s", (_how, spoil) => {
  test('the others are listed, and they as what cannot be read; that is one fault', async () => {
    const { at, tokens } = await withUnreadable(spoil)
    const filter = { subject: 'u1' }
    const each: Grant[] = []
    for await (const grant of at.server.grants.each(filter)) each.push(grant)
    const listings = [(await at.server.grants.page(filter)).grants, await at.server.grants.list(filter), each]

    const ids = tokens.map(idOfGrant)
    for (const grants of listings) {
      expect(grants).toMatchObject([
        { id: ids[0], unreadable: true, status: 'active', clientId: 'app-a', subject: undefined, scope: [] },
        { id: ids[1], unreadable: true, status: 'active' },
        { id: ids[2], status: 'active', subject: 'u1', scope: ['read', 'write'] },
      ])
      expect(grants[2]).not.toHaveProperty('unreadable')
    }
    expect(at.events('request.failed')).toHaveLength(listings.length)
    expect(at.events('request.failed')[0]).toMatchObject({ phase: 'storage' })
  })

  test('each can be ended with its subject, and all at once', async () => {
    const { at, tokens, unreadable } = await withUnreadable(spoil)
    const [id = ''] = unreadable

    expect(await at.server.grants.revoke(id, { subject: 'u2' })).toBe(false)
    expect(await at.server.grants.revoke(id, { subject: 'u1' })).toBe(true)
    expect(await at.server.grants.revokeAll({ subject: 'u1' })).toBe(2)

    unreadable.length = 0
    for (const each of tokens) await expectDead(at, each)
  })
})

test('what the storage itself cannot read is left out of a list, and is a fault', async () => {
  const storage = interceptedStorage(new MemoryStorage(), async ({ name }, proceed) => {
    const answer = await proceed()
    return name === 'grants.listBySubject' ? { ...(answer as GrantPage), unreadable: ['x'] } : answer
  })
  const at = startServer({ storage })
  const tokens = await issue(at)

  const { grants } = await at.server.grants.page({ subject: 'u1' })

  expect(grants.map(({ id }) => id)).toEqual([idOfGrant(tokens)])
  expect(at.events('request.failed')).toMatchObject([{ phase: 'storage' }])
})
