import { MemoryStorage } from '@oauth-ratchet/core'
import { codeOf, redemption } from '../setup/authorization.js'
import { FaultyStorage } from '../setup/faulty-storage.js'
import type { Fault } from '../setup/faulty-storage.js'
import { liveGrants } from '../setup/flow.js'
import { interceptedStorage } from '../setup/intercepted-storage.js'
import { startServer } from '../setup/test-server.js'
import { expectAlive, expectDead, issue, tokensOf } from '../setup/tokens.js'
import type { Tokens } from '../setup/tokens.js'

const outage = { status: 503, body: { error: 'temporarily_unavailable' } }
const invalidGrant = { status: 400, body: { error: 'invalid_grant' } }
const withKey = { headers: { 'idempotency-key': 'k1' } }

function faultyServer(options: Parameters<typeof startServer>[0] = {}) {
  const faulty = new FaultyStorage()
  return { faulty, at: startServer({ storageTimeout: 0.02, ...options, storage: faulty.storage }) }
}

describe('a turn whose outcome is unknown, when the look at it fails too', () => {
  test.each<[string, Fault]>([
    ['not applied', 'lost before it took effect'],
    ['not applied, never answered', 'never answered, not applied'],
    ['applied', 'applied, and its answer lost'],
    ['applied, never answered', 'applied, and never answered'],
  ])('%s: 503 with Retry-After, and the retry with the same key is answered', async (_, fault) => {
    const { at, faulty } = faultyServer()
    const first = await issue(at)
    faulty.fail('grants.turn', fault)
    faulty.fail('grants.find', 'lost before it took effect')

    const answer = await at.refresh(first.refresh_token, {}, withKey)

    expect(answer).toMatchObject({ ...outage, headers: { 'retry-after': '1' } })
    expect(faulty.spent).toBe(true)
    const second = tokensOf(await at.refresh(first.refresh_token, {}, withKey))
    await expectAlive(at, second)
    expect(at.events('grant.reuse_detected')).toEqual([])
  })

  test('within the grace the retry needs no key', async () => {
    const { at, faulty } = faultyServer({ refreshToken: { reuseGrace: 10 } })
    const first = await issue(at)
    faulty.fail('grants.turn', 'applied, and its answer lost')
    faulty.fail('grants.find', 'lost before it took effect')
    await at.refresh(first.refresh_token)

    expect(await at.refresh(first.refresh_token)).toMatchObject({ status: 200 })
  })

  test('a store that stays down stays a 503, and nothing is lost when it is back', async () => {
    const { at, faulty } = faultyServer()
    const first = await issue(at)
    for (const name of ['grants.turn', 'grants.find']) faulty.fail(name, 'lost before it took effect', 5)

    for (let times = 0; times < 5; times++)
      expect(await at.refresh(first.refresh_token)).toMatchObject(outage)

    expect(await at.refresh(first.refresh_token)).toMatchObject({ status: 200 })
  })
})

// The first turn is held back until it is released; the call has long been given up by then.
function heldBack() {
  const inner = new MemoryStorage()
  let release: (() => Promise<unknown>) | undefined
  const storage = interceptedStorage(inner, ({ name }, proceed) => {
    if (name !== 'grants.turn' || release !== undefined) return proceed()
    release = proceed
    return new Promise(() => {})
  })
  return { at: startServer({ storage, storageTimeout: 0.02 }), release: () => release?.() }
}

describe('a turn that arrives late', () => {
  test('is not judged: it turns the grant, and the retry with the same key gets its successor', async () => {
    const { at, release } = heldBack()
    const first = await issue(at)

    expect(await at.refresh(first.refresh_token, {}, withKey)).toMatchObject(outage)
    await release()

    expect(await at.refresh(first.refresh_token, {}, withKey)).toMatchObject({ status: 200 })
    expect(at.events('grant.reuse_detected')).toEqual([])
  })

  test('after a retry that has turned by itself, it changes nothing', async () => {
    const { at, release } = heldBack()
    const first = await issue(at)
    await at.refresh(first.refresh_token)
    const second = tokensOf(await at.refresh(first.refresh_token))

    await release()

    await expectAlive(at, second)
    expect(await at.refresh(second.refresh_token)).toMatchObject({ status: 200 })
  })
})

describe('a turn whose answer was lost, and whose successor is used before the look at it', () => {
  test('is an outage and no reuse: who got the successor as a repeat goes on with it', async () => {
    const inner = new MemoryStorage()
    const other = startServer({ storage: inner, refreshToken: { reuseGrace: 10 } })
    const first = await issue(other)
    let third: Tokens | undefined
    const storage = interceptedStorage(inner, async ({ name }, proceed) => {
      const answer = await proceed()
      if (name !== 'grants.turn' || third !== undefined) return answer
      const second = tokensOf(await other.refresh(first.refresh_token))
      third = tokensOf(await other.refresh(second.refresh_token))
      throw new Error('read ECONNRESET')
    })
    const at = startServer({ storage, refreshToken: { reuseGrace: 10 } }, other.clock)

    expect(await at.refresh(first.refresh_token)).toMatchObject(outage)

    expect(at.events('grant.reuse_detected')).toEqual([])
    await expectAlive(at, third ?? {})
  })
})

// As where somebody else's write came between the attempt and the look at what stands there.
function refusing(times: number) {
  let refused = 0
  const inner = new MemoryStorage()
  const storage = interceptedStorage(inner, async ({ name, parameters }, proceed) => {
    if (name !== 'grants.turn' || refused++ >= times) return proceed()
    return { turned: false, grant: await inner.grants.find(String(parameters[0])) }
  })
  return startServer({ storage })
}

describe('a turn that the store refuses although it would fit', () => {
  test.each([1, 3])('is tried again: %i times in a row', async (times) => {
    const at = refusing(times)

    await expectAlive(at, tokensOf(await at.refresh((await issue(at)).refresh_token)))
  })

  test('again and again is an outage in the end, and nothing is lost', async () => {
    const at = refusing(4)
    const { refresh_token } = await issue(at)

    expect(await at.refresh(refresh_token)).toMatchObject(outage)

    expect(await at.refresh(refresh_token)).toMatchObject({ status: 200 })
  })
})

describe('reuse is reuse, whatever the storage does', () => {
  test('the look after an unknown outcome finds a grant that has turned before: the replay ends it', async () => {
    const { at, faulty } = faultyServer()
    const first = await issue(at)
    const second = tokensOf(await at.refresh(first.refresh_token))
    faulty.fail('grants.turn', 'lost before it took effect')

    expect(await at.refresh(first.refresh_token)).toMatchObject(invalidGrant)
    await expectDead(at, second)
  })

  test.each<Fault>([
    'lost before it took effect',
    'refused before it was sent',
    'applied, and its answer lost',
    'applied, and never answered',
    'asked twice by its driver',
  ])('the revocation that it asks for is %s: the grant ends, and one event tells of it', async (fault) => {
    const { at, faulty } = faultyServer()
    const first = await issue(at)
    const second = tokensOf(await at.refresh(first.refresh_token))
    faulty.fail('grants.revoke', fault)

    expect(await at.refresh(first.refresh_token)).toMatchObject(invalidGrant)

    expect(faulty.spent).toBe(true)
    await expectDead(at, second)
    expect(at.events('grant.reuse_detected')).toMatchObject([{ subject: 'u1', presentedGeneration: 1 }])
    expect(at.events('grant.revoked')).toHaveLength(1)
  })

  test('while the grant cannot be ended it is a 503, and the next replay ends it', async () => {
    const { at, faulty } = faultyServer()
    const first = await issue(at)
    const second = tokensOf(await at.refresh(first.refresh_token))
    faulty.fail('grants.revoke', 'lost before it took effect', 2)

    expect(await at.refresh(first.refresh_token)).toMatchObject(outage)
    expect(await at.refresh(first.refresh_token)).toMatchObject(invalidGrant)
    await expectDead(at, second)
  })
})

describe('a new grant whose outcome is unknown', () => {
  test('stays nobody’s when the look fails too: a 503, and at most a grant without tokens', async () => {
    const { at, faulty } = faultyServer()
    faulty.fail('grants.create', 'lost before it took effect')
    faulty.fail('grants.find', 'lost before it took effect')

    await expect(issue(at)).rejects.toMatchObject({ name: 'OAuthError', status: 503 })

    expect(await liveGrants(at.storage)).toEqual([])
    expect(at.events('grant.issued')).toEqual([])
  })

  test.each([
    ['and the store says so', false, 'not_applied'],
    ['and the answer of the store is lost', true, 'unknown'],
  ])('that was ended before it was stored, %s, is an outage and not tokens', async (_, lost, outcome) => {
    const inner = new MemoryStorage()
    // A sign-out everywhere overtakes the sign-in: a tombstone stands where the grant was to be.
    const storage = interceptedStorage(inner, async ({ name, parameters }, proceed) => {
      if (name !== 'grants.create') return proceed()
      const [record] = parameters as [{ id: string }]
      await inner.grants.revoke(record.id, 'revoked', 0, { keepUntil: Number.MAX_SAFE_INTEGER, by: 'x' })
      const answer = await proceed()
      if (lost) throw new Error('read ECONNRESET')
      return answer
    })
    const at = startServer({ storage })

    await expect(issue(at)).rejects.toMatchObject({ name: 'OAuthError', status: 503, cause: { outcome } })
    expect(at.events('grant.issued')).toEqual([])
  })
})

describe('a code whose redemption failed twice over', () => {
  test('not applied: the code still works', async () => {
    const { at, faulty } = faultyServer()
    const code = await codeOf(at)
    faulty.fail('grants.turn', 'refused before it was sent', 3)
    for (let times = 0; times < 3; times++) expect(await at.token(redemption(code))).toMatchObject(outage)

    expect(await at.token(redemption(code))).toMatchObject({ status: 200 })
  })
})
