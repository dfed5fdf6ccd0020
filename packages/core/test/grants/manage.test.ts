import { MemoryStorage } from '@oauth-ratchet/core'
import { codeOf, redemption } from '../setup/authorization.js'
import { clientA, startServer } from '../setup/test-server.js'
import { expectAlive, expectDead, idOfGrant, issue, tokensOf } from '../setup/tokens.js'

describe('grants.list', () => {
  test("has a subject's live grants, the oldest first", async () => {
    const at = startServer()
    const [one, ended, other] = [await issue(at), await issue(at), await issue(at, { subject: 'u2' })]
    at.clock.advance(1)
    const two = await issue(at, { clientId: 'app-b' })
    await at.server.tokens.revoke(ended.refresh_token)

    const list = await at.server.grants.list({ subject: 'u1' })

    expect(list.map((grant) => grant.id)).toEqual([idOfGrant(one), idOfGrant(two)])
    expect(await at.server.grants.list({ subject: 'u1', clientId: 'app-b' })).toMatchObject([
      { id: idOfGrant(two) },
    ])
    expect(await at.server.grants.list({ subject: 'u2' })).toMatchObject([
      { id: idOfGrant(other), subject: 'u2' },
    ])
    expect(await at.server.grants.list({ subject: 'nobody' })).toEqual([])
  })

  test('tells when a grant was last used', async () => {
    const at = startServer()
    const first = await issue(at)
    const createdAt = at.clock.now()
    at.clock.advance(60)
    await at.refresh(first.refresh_token)

    expect(await at.server.grants.list({ subject: 'u1' })).toMatchObject([
      { createdAt, lastUsedAt: createdAt + 60_000 },
    ])
  })

  test('leaves out unredeemed codes and what has expired', async () => {
    const at = startServer({ refreshToken: { idleLifetime: 100 } })
    await codeOf(at)
    await issue(at)
    expect(await at.server.grants.list({ subject: 'u1' })).toHaveLength(1)
    at.clock.advance(100)

    expect(await at.server.grants.list({ subject: 'u1' })).toEqual([])
  })

  test('has at most as many as asked for, and each has all of them, page by page', async () => {
    const at = startServer({ refreshToken: { maxPerSubjectAndClient: null } })
    for (let count = 0; count < 1203; count++) await issue(at)

    expect(await at.server.grants.list({ subject: 'u1' })).toHaveLength(1000)
    expect(await at.server.grants.list({ subject: 'u1', limit: 3 })).toHaveLength(3)
    const ids = new Set<string>()
    for await (const grant of at.server.grants.each({ subject: 'u1' })) ids.add(grant.id)
    expect(ids.size).toBe(1203)
    expect(await at.server.grants.revokeAll({ subject: 'u1' })).toBe(1203)
  })
})

describe('grants.get', () => {
  test('tells the state of one grant, and of an ended one no person', async () => {
    const at = startServer()
    const code = await codeOf(at, undefined, {
      subject: 'alice',
      metadata: { device: 'phone' },
      claims: { org: 'Mad Hatter Ltd' },
    })
    const [record] = (await at.storage.grants.scan({ limit: 1 })).grants
    const id = record?.id ?? ''
    expect(await at.server.grants.get(id)).toMatchObject({ status: 'pending', subject: 'alice' })
    await at.token(redemption(code))
    expect(await at.server.grants.get(id)).toMatchObject({ status: 'active', subject: 'alice' })

    await at.server.grants.revoke(id)

    const ended = await at.server.grants.get(id)
    expect(ended).toMatchObject({
      status: 'revoked',
      subject: undefined,
      scope: [],
      claims: {},
      metadata: {},
    })
    expect(JSON.stringify(ended)).not.toMatch(/alice|phone|Hatter/)
  })

  test('is undefined for none, and for a tombstone', async () => {
    const at = startServer()
    await at.server.grants.revoke('AAAAAAAAAAAAAAAAAAAAAA')

    expect(await at.server.grants.get('AAAAAAAAAAAAAAAAAAAAAA')).toBeUndefined()
    expect(await at.server.grants.get('unheard-of')).toBeUndefined()
  })
})

describe('grants.update', () => {
  test('replaces the metadata, and the events have the new one', async () => {
    const at = startServer()
    const first = await issue(at, { metadata: { device: 'phone', a: 1 } })

    const updated = await at.server.grants.update(idOfGrant(first), { metadata: { device: 'tablet' } })

    expect(updated?.metadata).toEqual({ device: 'tablet' })
    await expectAlive(at, first)
    await at.refresh(first.refresh_token)
    expect(at.events('grant.turned')).toMatchObject([{ metadata: { device: 'tablet' } }])
  })

  test('an empty list takes all scopes away, and what is no scope at all changes nothing', async () => {
    const at = startServer()
    const first = await issue(at)
    for (const scope of [null, 5, [null], {}] as never[]) {
      await expect(at.server.grants.update(idOfGrant(first), { scope })).rejects.toThrow(TypeError)
    }
    expect((await at.introspect(first.access_token)).body).toMatchObject({ scope: 'read write' })

    expect(await at.server.grants.update(idOfGrant(first), { scope: [] })).toMatchObject({ scope: [] })

    expect((await at.introspect(first.access_token)).body).not.toHaveProperty('scope')
    expect(tokensOf(await at.refresh(first.refresh_token))).not.toHaveProperty('scope')
  })

  test('narrows the scope, for tokens that are out too; what the grant has not cannot be added', async () => {
    const at = startServer()
    const first = await issue(at)

    expect(await at.server.grants.update(idOfGrant(first), { scope: 'read' })).toMatchObject({
      scope: ['read'],
    })

    await expect(at.server.tokens.verify(first.access_token)).resolves.toMatchObject({ scope: ['read'] })
    expect(tokensOf(await at.refresh(first.refresh_token)).scope).toBe('read')
    for (const scope of ['read write', ['admin']]) {
      await expect(at.server.grants.update(idOfGrant(first), { scope })).rejects.toThrow(RangeError)
    }
  })

  test('extends and shortens the limits of tokens that are out (R32)', async () => {
    const at = startServer({ refreshToken: { idleLifetime: 1000, absoluteLifetime: 2000 } })
    const [longer, shorter] = [await issue(at), await issue(at)]
    at.clock.advance(100)

    await at.server.grants.update(idOfGrant(longer), { lifetimes: { absolute: 50_000 } })
    await at.server.grants.update(idOfGrant(shorter), { lifetimes: { absolute: 10 } })

    expect((await at.introspect(longer.refresh_token)).body).toMatchObject({
      authorization_expires_in: 50_000,
    })
    expect((await at.introspect(shorter.refresh_token)).body).toMatchObject({ authorization_expires_in: 10 })
    at.clock.advance(10)
    await expectDead(at, shorter)
  })

  test('leaves a grant some limit', async () => {
    const at = startServer()
    const first = await issue(at)

    await expect(
      at.server.grants.update(idOfGrant(first), { lifetimes: { idle: null, absolute: null } }),
    ).rejects.toThrow(RangeError)
    await expect(at.server.grants.update(idOfGrant(first), { lifetimes: { idle: 0 } })).rejects.toThrow(
      RangeError,
    )
    expect(await at.server.grants.update(idOfGrant(first), { lifetimes: { idle: null } })).toMatchObject({
      expiresAt: at.clock.now() + 180 * 86_400_000,
    })
  })

  test('of many at the same time loses none', async () => {
    const at = startServer()
    const first = await issue(at, { metadata: {} })
    const id = idOfGrant(first)

    await Promise.all([
      at.server.grants.update(id, { metadata: { device: 'phone' } }),
      at.server.grants.update(id, { scope: 'read' }),
      at.server.grants.update(id, { lifetimes: { absolute: 50_000 } }),
      at.refresh(first.refresh_token),
    ])

    expect(await at.server.grants.get(id)).toMatchObject({ metadata: { device: 'phone' }, scope: ['read'] })
    expect((await at.storage.grants.find(id))?.absoluteExpiresAt).toBe(at.clock.now() + 50_000_000)
  })

  test('is undefined where there is no live grant', async () => {
    const at = startServer({ refreshToken: { idleLifetime: 100 } })
    const [ended, expired] = [await issue(at), await issue(at)]
    await at.server.tokens.revoke(ended.refresh_token)
    at.clock.advance(100)

    for (const id of [idOfGrant(ended), idOfGrant(expired), 'unheard-of']) {
      expect(await at.server.grants.update(id, { metadata: {} })).toBeUndefined()
    }
  })
})

describe('grants that are over by date', () => {
  test('are revoked when they are looked at, and not among the live ones', async () => {
    const storage = new MemoryStorage()
    const before = startServer({ storage })
    const id = idOfGrant(await issue(before))
    const clock = before.clock
    clock.advance(1)

    for (const options of [
      { grantsNotBefore: clock.seconds },
      { clients: [{ ...clientA, grants_not_before: clock.seconds }] },
    ]) {
      const { grants } = startServer({ storage, ...options }, clock).server
      expect(await grants.get(id)).toMatchObject({ status: 'revoked' })
      expect(await grants.list({ subject: 'u1' })).toEqual([])
      expect(await grants.update(id, { metadata: { a: 1 } })).toBeUndefined()
    }
    expect(await before.server.grants.get(id)).toMatchObject({ status: 'active' })
  })
})

describe('grants of another realm on the same store', () => {
  test('are not there: not to be seen, changed or ended by their id', async () => {
    const storage = new MemoryStorage()
    const [one, two] = [startServer({ storage }), startServer({ storage, realm: 'two' })]
    const tokens = await issue(one)
    const id = idOfGrant(tokens)

    expect(await two.server.grants.get(id)).toBeUndefined()
    expect(await two.server.grants.update(id, { metadata: {} })).toBeUndefined()
    expect(await two.server.grants.revoke(id)).toBe(false)
    // Its client of the same name is another client.
    expect(await two.server.grants.revokeAll({ clientId: 'app-a' })).toBe(0)

    await expectAlive(one, tokens)
  })
})

describe('what an app hands in without looking', () => {
  test.each(['', 'x', 'x'.repeat(23), 5, null, undefined, {}] as never[])(
    'an id that is none, %p, is nobody’s grant, and no storage is asked',
    async (id) => {
      const storage = new MemoryStorage()
      const find = jest.spyOn(storage.grants, 'find')
      const revoke = jest.spyOn(storage.grants, 'revoke')
      const { grants } = startServer({ storage }).server

      expect(await grants.get(id)).toBeUndefined()
      expect(await grants.update(id, {})).toBeUndefined()
      expect(await grants.revoke(id)).toBe(false)
      expect(await grants.revoke(id, { subject: 'u1' })).toBe(false)

      expect(find).not.toHaveBeenCalled()
      expect(revoke).not.toHaveBeenCalled()
    },
  )

  test('a subject that is undefined ends nothing, and is said to be missing', async () => {
    const at = startServer()
    const tokens = await issue(at)
    const { grants } = at.server
    const nobody = undefined as never

    await expect(grants.revoke(idOfGrant(tokens), { subject: nobody })).rejects.toThrow(TypeError)
    await expect(grants.revokeAll({ subject: nobody, clientId: 'app-a' })).rejects.toThrow(TypeError)
    await expect(grants.list({ subject: nobody })).rejects.toThrow(TypeError)
    await expect(grants.revokeAll({ subject: 'u1', createdBefore: new Date('x') })).rejects.toThrow(TypeError)

    await expectAlive(at, tokens)
  })

  test('a limit of 0, or of no number, lists none', async () => {
    const at = startServer()
    await issue(at)
    for (const limit of [0, -1, Number.NaN])
      expect(await at.server.grants.list({ subject: 'u1', limit })).toEqual([])
  })

  test.each([{ idle: '50' }, { absolute: Number.POSITIVE_INFINITY }, { idle: 0 }] as never[])(
    'lifetimes that are none, %p, are refused',
    async (lifetimes) => {
      const at = startServer()
      const id = idOfGrant(await issue(at))
      await expect(at.server.grants.update(id, { lifetimes })).rejects.toThrow(RangeError)
    },
  )
})

describe('a client that cannot be asked', () => {
  test('in an outage of the app’s lookup the listing is a 503, told once', async () => {
    let down = false
    const clients = (id: string) => {
      if (down) throw new Error('ECONNREFUSED')
      return id === clientA.client_id ? clientA : undefined
    }
    const at = startServer({ clients })
    const id = idOfGrant(await issue(at))
    down = true

    const { grants } = at.server
    for (const call of [
      () => grants.list({ subject: 'u1' }),
      () => grants.get(id),
      () => grants.update(id, {}),
    ]) {
      await expect(call()).rejects.toMatchObject({ name: 'OAuthError', status: 503 })
    }
    expect(at.events('request.failed')).toHaveLength(3)
  })

  test('is asked for once in a listing, however many grants it has', async () => {
    const clients = jest.fn(() => clientA)
    const at = startServer({ clients })
    for (let count = 0; count < 5; count++) await issue(at)
    clients.mockClear()

    expect(await at.server.grants.list({ subject: 'u1' })).toHaveLength(5)

    expect(clients).toHaveBeenCalledTimes(1)
  })
})

describe('a grant under a secret that this process does not have', () => {
  test('can be ended by its id', async () => {
    const storage = new MemoryStorage()
    const before = startServer({ storage })
    const tokens = await issue(before)
    const after = startServer({ storage, secrets: ['21aYIpyuvFYArA-bgPROd0Pj1Lihheei4aEPPhPSoKbXXGcK'] })

    expect(await after.server.grants.revoke(idOfGrant(tokens))).toBe(true)

    await expectDead(before, tokens)
  })
})
