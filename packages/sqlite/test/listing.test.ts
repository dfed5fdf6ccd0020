import { createAuthorizationServer } from '@oauth-ratchet/core'
import { sampleGrant } from '@oauth-ratchet/storage-contract'
import BetterSqlite3 from 'better-sqlite3'

import { prepareGrants } from '../src/grant-statements.js'
import { SqliteHarness } from './sqlite-harness.js'

describe('what is listed', () => {
  const harness = new SqliteHarness()

  afterEach(() => harness.dispose())

  it('is found by an index of its own, in its order, with a client or without', async () => {
    await harness.create()
    const database = new BetterSqlite3(harness.file)
    const { pageOfListed, pageOfListedOfClient, pageOfClient } = prepareGrants(database)
    const planOf = (source: string): string =>
      JSON.stringify(
        database.prepare(`EXPLAIN QUERY PLAN ${source}`).all(...[...source.matchAll(/\?/g)].map(() => 0)),
      )
    const plans = [pageOfListed, pageOfListedOfClient, pageOfClient].map(({ source }) => planOf(source))
    database.close()
    expect(plans[0]).toContain('oauth_grants_listed (subject_hash=? AND (created_at,id)>(?,?))')
    expect(plans[1]).toContain(
      'oauth_grants_listed_by_client (subject_hash=? AND client_id=? AND (created_at,id)>(?,?))',
    )
    expect(plans[2]).toContain('oauth_grants_by_client (client_id=? AND id>?)')
    for (const plan of plans) expect(plan).not.toContain('TEMP B-TREE')
  })

  it('has the grants that a file of the version before held', async () => {
    const now = Date.now()
    const storage = await harness.create()
    const records = [0, 1, 7].map((generation) =>
      sampleGrant(now, { generation, createdAt: now + generation }),
    )
    for (const record of records) await storage.grants.create(record)
    await storage.close()
    const database = new BetterSqlite3(harness.file)
    for (const index of ['listed', 'listed_by_client', 'by_client'])
      database.exec(`DROP INDEX oauth_grants_${index}`)
    database.exec(
      'ALTER TABLE oauth_grants DROP COLUMN offline; ALTER TABLE oauth_grants DROP COLUMN redeemed; UPDATE oauth_schema SET version = 1',
    )
    database.close()

    const { grants } = await harness.connect()

    for (const filter of [{ now }, { now, clientId: 'client-a' }]) {
      const listed = await grants.listBySubject(['subject-a'], filter, { limit: 10 })
      expect(listed.grants.map(({ id }) => id)).toEqual(records.slice(1).map(({ id }) => id))
    }
    expect((await grants.scan({ limit: 10 }, { clientId: 'client-a' })).grants).toHaveLength(3)
  })

  it('is at most a hundred grants a page, whatever is asked for, so that a walk keeps nobody waiting for long', async () => {
    const now = Date.now()
    const { grants } = await harness.create()
    await Promise.all(Array.from({ length: 101 }, () => grants.create(sampleGrant(now))))
    const at = { at: now, reason: 'revoked', by: 'call', keepUntil: now + 1000 } as const

    const pages = [
      await grants.listBySubject(['subject-a'], { now }, { limit: 1000 }),
      await grants.scan({ limit: 1000 }),
      await grants.revokeBySubject(['subject-a'], at, { limit: 1000 }),
    ]

    for (const page of pages) expect([page.grants.length, page.cursor]).toEqual([100, expect.any(String)])
  })

  it('is exactly what the limit allows after sixty sign-ins at once', async () => {
    const storage = await harness.create()
    const client = { client_id: 'app', token_endpoint_auth_method: 'none' } as const
    const server = createAuthorizationServer({
      issuer: 'https://auth.example.com',
      secrets: ['kR3vQd8uXz1LwT6yB9mNc4pHs7jFa2gE5oVi0rUxKtY'],
      scopes: ['read'],
      clients: [{ ...client, grant_types: ['refresh_token'], scope: 'read' }],
      refreshToken: { maxPerSubjectAndClient: 50 },
      storage,
      sweepInterval: 0,
    })

    await Promise.all(
      Array.from({ length: 60 }, () => server.grants.issue({ clientId: 'app', subject: 'u1' })),
    )

    const listed = await server.grants.list({ subject: 'u1' })
    const all = (await storage.grants.scan({ limit: 100 })).grants
    const newest = all
      .toSorted((one, other) => one.createdAt - other.createdAt || (one.id < other.id ? -1 : 1))
      .slice(10)
    expect(listed.map(({ id }) => id)).toEqual(newest.map(({ id }) => id))
  })
})
