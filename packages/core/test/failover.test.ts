import { MemoryStorage } from '@oauth-ratchet/core'
import type { Storage } from '@oauth-ratchet/core'
import { Clock } from './setup/clock.js'
import { interceptedStorage } from './setup/intercepted-storage.js'
import { startServer } from './setup/test-server.js'
import { expectAlive, expectDead, idOfGrant, issue, tokensOf } from './setup/tokens.js'
import type { Tokens } from './setup/tokens.js'

const invalidGrant = { status: 400, body: { error: 'invalid_grant' } }

/** A grant that turned so many times, and a store that has lost all of these turns but those before. */
async function lost(turns: number) {
  const storage = new MemoryStorage()
  const clock = new Clock()
  const before = startServer({ storage }, clock)
  const first = await issue(before)
  const chain: Tokens[] = [first]
  const record = await storage.grants.find(idOfGrant(first))
  for (let turn = 0; turn < turns; turn++)
    chain.push(tokensOf(await before.refresh(chain[turn]?.refresh_token ?? '')))
  const survivor = new MemoryStorage()
  if (record !== undefined) await survivor.grants.create(record)
  const server = (acceptAhead: number, reuseGrace = 0, over: Storage = survivor) =>
    startServer({ storage: over, refreshToken: { acceptAhead, reuseGrace } }, clock)
  return { survivor, server, tokens: chain.map((each) => each.refresh_token) }
}

describe('a token that is ahead of the store after a failover', () => {
  test('is unknown by default: refused, and nothing ends', async () => {
    const { server, tokens } = await lost(1)
    const at = server(0)

    expect(await at.refresh(tokens[1] ?? '')).toMatchObject(invalidGrant)

    expect(at.raised).toEqual([])
    expect(await at.refresh(tokens[0] ?? '')).toMatchObject({ status: 200 })
  })

  test.each([1, 2, 3])('moves the grant %i forward where that is accepted, and turns', async (turns) => {
    const { server, tokens } = await lost(turns)
    const at = server(3)

    const next = tokensOf(await at.refresh(tokens[turns] ?? ''))

    await expectAlive(at, next)
    expect(at.events('grant.turned')).toMatchObject([{ generation: turns + 2 }])
    expect(await at.refresh(next.refresh_token)).toMatchObject({ status: 200 })
  })

  test('further ahead than accepted is unknown', async () => {
    const { server, tokens } = await lost(3)
    const at = server(2)

    expect(await at.refresh(tokens[3] ?? '')).toMatchObject(invalidGrant)
    expect(at.raised).toEqual([])
  })

  test('leaves the tokens before it spent: the one that the store had is reuse', async () => {
    const { server, tokens } = await lost(2)
    const at = server(3)
    const next = tokensOf(await at.refresh(tokens[2] ?? ''))

    expect(await at.refresh(tokens[0] ?? '')).toMatchObject(invalidGrant)

    expect(at.events('grant.reuse_detected')).toHaveLength(1)
    await expectDead(at, next)
  })

  test('is refused for another client, and moves nothing', async () => {
    const { server, tokens } = await lost(1)
    const at = server(3)

    expect(await at.refresh(tokens[1] ?? '', { client_id: 'app-b' })).toMatchObject(invalidGrant)
    expect(await at.refresh(tokens[0] ?? '')).toMatchObject({ status: 200 })
  })

  test('does not revive a grant that has ended', async () => {
    const { server, tokens } = await lost(1)
    const at = server(3)
    await at.server.tokens.revoke(tokens[0] ?? '')

    expect(await at.refresh(tokens[1] ?? '')).toMatchObject(invalidGrant)
  })

  test('with a scope is judged, checked and moved alike', async () => {
    const { server, tokens } = await lost(2)
    const at = server(3)

    expect(await at.refresh(tokens[2] ?? '', { scope: 'admin' })).toMatchObject({
      body: { error: 'invalid_scope' },
    })
    expect(tokensOf(await at.refresh(tokens[2] ?? '', { scope: 'read' })).scope).toBe('read')
  })

  test('of 20 parallel uses at two servers exactly one turns', async () => {
    const { server, tokens } = await lost(2)
    const [one, two] = [server(3), server(3)]

    const answers = await Promise.all(
      Array.from({ length: 20 }, (_, index) => (index % 2 ? one : two).refresh(tokens[2] ?? '')),
    )

    expect(answers.filter((answer) => answer.status === 200)).toHaveLength(1)
  })

  test('with a grace all of 20 parallel uses get one successor', async () => {
    const { server, tokens } = await lost(2)
    const [one, two] = [server(3, 10), server(3, 10)]

    const answers = await Promise.all(
      Array.from({ length: 20 }, (_, index) => (index % 2 ? one : two).refresh(tokens[2] ?? '')),
    )

    expect(answers.map((answer) => answer.status)).toEqual(Array(20).fill(200))
    expect(new Set(answers.map((answer) => answer.body['refresh_token'])).size).toBe(1)
  })
})

async function newer(generation = 1) {
  const storage = new MemoryStorage()
  const at = startServer({ storage })
  const tokens = await issue(at)
  const record = await storage.grants.find(idOfGrant(tokens))
  const upgraded = new MemoryStorage()
  if (record !== undefined)
    await upgraded.grants.create({ ...record, generation, format: 99, facts: 'unheard-of' })
  return { upgraded, at: startServer({ storage: upgraded }, at.clock), tokens }
}

describe('a record that a newer version wrote', () => {
  test('is a 503 for this one, never judged and never written', async () => {
    const { at, tokens, upgraded } = await newer()
    const before = await upgraded.grants.find(idOfGrant(tokens))
    const outage = { status: 503, headers: { 'retry-after': '1' } }

    expect(await at.refresh(tokens.refresh_token)).toMatchObject(outage)
    expect(await at.refresh(tokens.refresh_token, { scope: 'read' })).toMatchObject(outage)
    expect(await at.introspect(tokens.access_token)).toMatchObject(outage)
    expect(await at.introspect(tokens.refresh_token)).toMatchObject(outage)
    await expect(at.server.tokens.verify(tokens.access_token)).rejects.toMatchObject({ status: 503 })
    // Not for a token either that this version would call bad.
    await upgraded.grants.renewAccessNonce(idOfGrant(tokens), 'A'.repeat(22))
    await expect(at.server.tokens.verify(tokens.access_token)).rejects.toMatchObject({ status: 503 })
    await upgraded.grants.renewAccessNonce(idOfGrant(tokens), before?.accessNonce ?? '')
    await expect(at.server.grants.update(idOfGrant(tokens), { metadata: {} })).rejects.toMatchObject({
      name: 'OAuthError',
      status: 503,
    })

    expect(await upgraded.grants.find(idOfGrant(tokens))).toEqual(before)
  })

  test('is not judged for a spent token or a stranger either: nothing ends', async () => {
    const { at, tokens, upgraded } = await newer(5)

    expect(await at.refresh(tokens.refresh_token)).toMatchObject({ status: 503 })
    expect(await at.refresh(tokens.refresh_token, { scope: 'read' })).toMatchObject({ status: 503 })
    expect(await at.refresh(tokens.refresh_token, { client_id: 'app-b' })).toMatchObject({ status: 503 })

    expect(at.events('grant.reuse_detected')).toEqual([])
    expect(await upgraded.grants.find(idOfGrant(tokens))).not.toHaveProperty('revoked')
  })

  test('can still be revoked: a sign-out does not wait for an upgrade', async () => {
    const { at, tokens } = await newer()

    expect(await at.server.grants.revoke(idOfGrant(tokens))).toBe(true)
  })
})

describe('a turn that is ended before its answer is read', () => {
  test.each([
    ['refresh', {}],
    ['refresh with a scope', { scope: 'read' }],
  ])('a %s whose driver asks twice, with a revocation in between, gives no tokens', async (_, form) => {
    const inner = new MemoryStorage()
    const first = await issue(startServer({ storage: inner }))
    const storage = interceptedStorage(inner, async ({ name }, proceed) => {
      if (name !== 'grants.turn') return proceed()
      await proceed()
      await startServer({ storage: inner }).server.grants.revoke(idOfGrant(first))
      return proceed()
    })
    const at = startServer({ storage })

    expect(await at.refresh(first.refresh_token, form as Record<string, string>)).toMatchObject(invalidGrant)
    expect(at.events('grant.turned')).toEqual([])
    expect(at.events('grant.reuse_detected')).toEqual([])
  })
})
