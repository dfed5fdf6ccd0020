import { EventEmitter, once } from 'node:events'
import { MemoryStorage } from '@oauth-ratchet/core'
import { authorizationQuery, authorize, codeOf, redemption, redirected } from '../setup/authorization.js'
import { CountingStorage } from '../setup/counting-storage.js'
import { interceptedStorage } from '../setup/intercepted-storage.js'
import {
  clientB,
  clientC,
  confidentialSecret,
  olderSecret,
  secret,
  startServer,
} from '../setup/test-server.js'
import type { TestServer } from '../setup/test-server.js'
import { expectAlive, expectDead, issue, tokensOf } from '../setup/tokens.js'

const refused = { code: 'invalid_grant', status: 400 }
const signOut = (at: TestServer) => at.server.grants.revokeAll({ subject: 'u1' })
const live = async (at: TestServer) => (await at.server.grants.list({ subject: 'u1' })).length

/** A storage that stores no grant until it is let, and says when it is asked to. */
function heldCreate() {
  const reached = signal()
  const released = signal()
  const storage = interceptedStorage(new MemoryStorage(), async (call, proceed) => {
    if (call.name === 'grants.create') {
      reached.give()
      await released.given
    }
    return proceed()
  })
  return { storage, reached: reached.given, release: released.give }
}

function signal(): { readonly given: Promise<void>; readonly give: () => void } {
  const emitter = new EventEmitter()
  const given = once(emitter, 'given').then(() => undefined)
  return { given, give: () => void emitter.emit('given') }
}

describe('revokeAll of a subject', () => {
  test('a login from before it can no longer be issued, a new one can', async () => {
    const at = startServer()
    const login = at.clock.seconds
    at.clock.advance(60)
    await signOut(at)

    await expect(issue(at, { authTime: login })).rejects.toMatchObject(refused)

    expect(await live(at)).toBe(0)
    await expectAlive(at, await issue(at, { authTime: at.clock.seconds }))
    await expectAlive(at, await issue(at))
    await expectAlive(at, await issue(at, { subject: 'u2', authTime: login }))
  })

  test('an authorization on a login from before it is login_required, before there is a code', async () => {
    const at = startServer()
    const login = at.clock.seconds
    at.clock.advance(60)
    await signOut(at)

    const response = await authorize(at, authorizationQuery(), { subject: 'u1', authTime: login })

    expect(redirected(response).get('error')).toBe('login_required')
    expect((await at.storage.grants.scan({ limit: 10 })).grants).toEqual([])
    const again = { subject: 'u1', authTime: at.clock.seconds }
    tokensOf(await at.token(redemption(await codeOf(at, authorizationQuery(), again))))
  })

  test('a code whose record is stored after the walk over the grants cannot be redeemed', async () => {
    const held = heldCreate()
    const at = startServer({ storage: held.storage })
    const begun = codeOf(at)
    await held.reached
    at.clock.advance(1)
    await signOut(at)
    held.release()
    const code = await begun

    expect(await at.token(redemption(code))).toMatchObject({ status: 400, body: { error: 'invalid_grant' } })
  })

  test('a grant that is stored after the walk gives no tokens, and has ended', async () => {
    const held = heldCreate()
    const at = startServer({ storage: held.storage })
    const issued = issue(at)
    const answer = expect(issued).rejects.toMatchObject(refused)
    await held.reached
    at.clock.advance(1)
    await signOut(at)
    held.release()

    await answer
    expect(await live(at)).toBe(0)
    expect(at.events('grant.issued')).toEqual([])
  })

  test('holds for passwords, and for every secret', async () => {
    const at = startServer({ secrets: [olderSecret] })
    at.clock.advance(60)
    await signOut(at)
    const login = at.clock.seconds - 30
    const rotated = startServer(
      {
        storage: at.storage,
        secrets: [secret, olderSecret],
        authenticateUser: () => ({ subject: 'u1', authTime: login }),
      },
      at.clock,
    )

    const form = { grant_type: 'password', username: 'u', password: 'p', client_id: clientC.client_id }
    expect(await rotated.token({ ...form, client_secret: confidentialSecret })).toMatchObject({
      status: 400,
      body: { error: 'invalid_grant' },
    })
  })

  test('is remembered for 400 days, and asked at no refresh', async () => {
    const counting = new CountingStorage()
    const at = startServer({ storage: counting.storage })
    const login = at.clock.seconds
    await signOut(at)
    const tokens = await issue(at)
    expect(await counting.during(() => at.refresh(tokens.refresh_token))).toEqual(['grants.turn'])
    at.clock.advance(399 * 86_400)
    await expect(issue(at, { authTime: login - 1 })).rejects.toMatchObject(refused)
    at.clock.advance(2 * 86_400)
    await expectAlive(at, await issue(at, { authTime: login - 1 }))
  })

  test.each([
    ['clientId', { clientId: 'app-a' }],
    ['session', { session: 's1' }],
    ['except', { except: 'AAAAAAAAAAAAAAAAAAAAAA' }],
    ['createdBefore', { createdBefore: 1 }],
    ['scope', { scope: 'read' }],
  ])('with %s refuses no login: it is for some grants only', async (_, filter) => {
    const at = startServer()
    const login = at.clock.seconds
    at.clock.advance(60)
    await at.server.grants.revokeAll({ subject: 'u1', ...filter })

    await expectAlive(at, await issue(at, { authTime: login }))
  })
})

describe('revokeAll with a scope', () => {
  test('ends the grants that have it, codes too, and no others', async () => {
    const at = startServer()
    const both = await issue(at, { scope: 'read write' })
    const read = await issue(at, { scope: 'read' })
    const other = await issue(at, { subject: 'u2', scope: 'write' })
    const written = await codeOf(at, authorizationQuery({ scope: 'write' }))
    const readable = await codeOf(at, authorizationQuery({ scope: 'read' }))

    expect(await at.server.grants.revokeAll({ subject: 'u1', scope: 'write' })).toBe(2)

    await expectDead(at, both)
    await expectAlive(at, read)
    await expectAlive(at, other)
    expect(await at.token(redemption(written))).toMatchObject({ status: 400 })
    tokensOf(await at.token(redemption(readable)))
  })

  test('wants all of several, beside the other filters', async () => {
    const at = startServer()
    const both = await issue(at, { scope: 'read write', session: 's1' })
    const without = await issue(at, { scope: 'read write' })
    const read = await issue(at, { scope: 'read', session: 's1' })
    const filter = { scope: ['read', 'write'], session: 's1', clientId: 'app-a' }

    expect(await at.server.grants.revokeAll({ subject: 'u1', ...filter })).toBe(1)
    expect(await at.server.grants.revokeAll({ subject: 'u1', ...filter, clientId: clientB.client_id })).toBe(
      0,
    )

    await expectDead(at, both)
    for (const tokens of [without, read]) await expectAlive(at, tokens)
  })

  test('holds for a whole client, which stays as it is', async () => {
    const at = startServer()
    const write = await issue(at, { scope: 'write' })
    const read = await issue(at, { scope: 'read', subject: 'u2' })

    expect(await at.server.grants.revokeAll({ clientId: 'app-a', scope: 'write' })).toBe(1)

    await expectDead(at, write)
    await expectAlive(at, read)
  })

  test('a grant that loses the scope between the look and its end stays, one that is refreshed ends', async () => {
    for (const loses of [true, false]) {
      let between: (() => Promise<unknown>) | undefined
      const storage = interceptedStorage(new MemoryStorage(), async (call, proceed) => {
        const work = call.name === 'grants.revoke' ? between : undefined
        between = work === undefined ? between : undefined
        await work?.()
        return proceed()
      })
      const at = startServer({ storage })
      const tokens = await issue(at, { scope: 'read write' })
      const [grant] = await at.server.grants.list({ subject: 'u1' })
      between = () =>
        loses ? at.server.grants.update(grant?.id ?? '', { scope: 'read' }) : at.refresh(tokens.refresh_token)

      const ended = await at.server.grants.revokeAll({ subject: 'u1', scope: 'write' })

      expect(ended).toBe(loses ? 0 : 1)
      expect(await live(at)).toBe(loses ? 1 : 0)
    }
  })

  test.each([[[]], [[' ']], [5]])('that is none (%j) is a TypeError, and ends nothing', async (scope) => {
    const at = startServer()
    const tokens = await issue(at)
    const options = { subject: 'u1', scope: scope as unknown as string }
    await expect(at.server.grants.revokeAll(options)).rejects.toThrow(TypeError)
    await expectAlive(at, tokens)
  })
})

describe('grants.erase', () => {
  test('ends everything of a person, and leaves nothing sealed', async () => {
    const at = startServer()
    const tokens = await issue(at, { metadata: { device: 'phone' } })
    await codeOf(at)
    const login = at.clock.seconds
    at.clock.advance(30)

    expect(await at.server.grants.erase({ subject: 'u1' })).toBe(2)

    await expectDead(at, tokens)
    const { grants } = await at.storage.grants.scan({ limit: 10 })
    expect(grants.map(({ facts, seen }) => [facts, seen])).toEqual([
      ['', undefined],
      ['', undefined],
    ])
    expect(await at.server.grants.list({ subject: 'u1' })).toEqual([])
    await expect(issue(at, { authTime: login })).rejects.toMatchObject(refused)
  })

  test('after a day and a minute the storage has nothing of it', async () => {
    const at = startServer()
    await issue(at)
    await at.server.grants.erase({ subject: 'u1' })
    at.clock.advance(86_400 + 61)
    await at.storage.grants.purgeExpired(at.clock.now(), 100)

    expect((await at.storage.grants.scan({ limit: 10 })).grants).toEqual([])
    expect(await at.storage.grants.purgeExpired(at.clock.now() + 1e12, 100)).toBe(0)
  })

  test.each([undefined, null, ''])(
    'of %s is a TypeError, which does not say to leave it out',
    async (subject) => {
      const at = startServer()
      const erased = at.server.grants.erase({ subject: subject as string })
      await expect(erased).rejects.toThrow(TypeError)
      await expect(erased).rejects.toThrow(/^subject is .*: say whose grants\.$/)
    },
  )
})
