import { MemoryStorage } from '@oauth-ratchet/core'
import type { GrantPage, GrantRecord, RevokeAllOptions } from '@oauth-ratchet/core'
import { codeOf, redemption } from '../setup/authorization.js'
import { CountingStorage } from '../setup/counting-storage.js'
import { interceptedStorage } from '../setup/intercepted-storage.js'
import { startServer } from '../setup/test-server.js'
import { expectAlive, expectDead, idOfGrant, issue } from '../setup/tokens.js'
import type { Tokens } from '../setup/tokens.js'

describe('grants.revoke', () => {
  test('ends one grant at once, and says whether it was live', async () => {
    const at = startServer()
    const [one, other] = [await issue(at), await issue(at)]

    expect(await at.server.grants.revoke(idOfGrant(one))).toBe(true)
    expect(await at.server.grants.revoke(idOfGrant(one))).toBe(false)

    await expectDead(at, one)
    await expectAlive(at, other)
  })

  test('with a subject ends only a grant of that subject', async () => {
    const at = startServer()
    const tokens = await issue(at)

    expect(await at.server.grants.revoke(idOfGrant(tokens), { subject: 'u2' })).toBe(false)
    await expectAlive(at, tokens)
    expect(await at.server.grants.revoke(idOfGrant(tokens), { subject: 'u1' })).toBe(true)
    await expectDead(at, tokens)
  })

  test('of what is not there is false, and raises nothing', async () => {
    const at = startServer({ refreshToken: { idleLifetime: 100 } })
    const tokens = await issue(at)
    at.clock.advance(100)

    expect(await at.server.grants.revoke('unheard-of')).toBe(false)
    expect(await at.server.grants.revoke(idOfGrant(tokens))).toBe(false)
    expect(at.events('grant.revoked')).toEqual([])
  })
})

/** Six grants that differ in what can be asked for. */
async function grants() {
  const at = startServer()
  const early = {
    laptop: await issue(at, { session: 's1' }),
    phone: await issue(at, { session: 's2' }),
    app: await issue(at, { clientId: 'app-b', session: 's1' }),
    other: await issue(at, { subject: 'u2', session: 's1' }),
  }
  at.clock.advance(100)
  const late = { tablet: await issue(at), console: await issue(at, { clientId: 'app-b' }) }
  return { at, tokens: { ...early, ...late }, between: at.clock.now() - 50_000 }
}

describe('grants.revokeAll', () => {
  type Setting = Awaited<ReturnType<typeof grants>>
  const cases: [string, (setting: Setting) => RevokeAllOptions, (keyof Setting['tokens'])[]][] = [
    ['a subject', () => ({ subject: 'u1' }), ['laptop', 'phone', 'app', 'tablet', 'console']],
    ['a subject and a client', () => ({ subject: 'u1', clientId: 'app-b' }), ['app', 'console']],
    ['a subject and a session', () => ({ subject: 'u1', session: 's1' }), ['laptop', 'app']],
    [
      'a subject, but one',
      ({ tokens }) => ({ subject: 'u1', except: idOfGrant(tokens.phone) }),
      ['laptop', 'app', 'tablet', 'console'],
    ],
    [
      'a subject, of before',
      ({ between }) => ({ subject: 'u1', createdBefore: between }),
      ['laptop', 'phone', 'app'],
    ],
    [
      'a subject, of before a date, of a client',
      ({ between }) => ({ subject: 'u1', clientId: 'app-a', createdBefore: new Date(between) }),
      ['laptop', 'phone'],
    ],
    ['a client', () => ({ clientId: 'app-a' }), ['laptop', 'phone', 'other', 'tablet']],
    ['a client and a session', () => ({ clientId: 'app-a', session: 's1' }), ['laptop', 'other']],
    [
      'a client, of before, but one',
      ({ tokens, between }) => ({
        clientId: 'app-a',
        createdBefore: between,
        except: idOfGrant(tokens.other),
      }),
      ['laptop', 'phone'],
    ],
    ['a subject that has none', () => ({ subject: 'nobody' }), []],
    ['a client that has none', () => ({ clientId: 'web-c' }), []],
    ['a session that has none', () => ({ subject: 'u1', session: 's9' }), []],
  ]

  test.each(cases)('of %s ends what fits and nothing else', async (_, options, ended) => {
    const setting = await grants()
    const { at, tokens } = setting

    expect(await at.server.grants.revokeAll(options(setting))).toBe(ended.length)

    for (const [name, each] of Object.entries(tokens)) {
      const alive = !ended.some((one) => one === name)
      expect({ name, ...(await at.introspect(each.access_token)).body }).toMatchObject({
        name,
        active: alive,
      })
    }
    expect(at.events('grant.revoked')).toHaveLength(ended.length)
    expect(await at.server.grants.revokeAll(options(setting))).toBe(0)
  })

  test('needs a subject or a client', async () => {
    const at = startServer()

    await expect(at.server.grants.revokeAll({ session: 's1' })).rejects.toThrow(TypeError)
    await expect(at.server.grants.revokeAll({})).rejects.toThrow(TypeError)
  })

  test.each(['subject', 'clientId', 'session', 'except', 'createdBefore'] as const)(
    'ends nothing where %s is there without a value: taken for absent, it would end more than was meant',
    async (name) => {
      const at = startServer()
      const tokens = await issue(at, { session: 's1' })

      for (const value of [undefined, null, '']) {
        const options = { subject: 'u1', clientId: 'app-a', [name]: value } as RevokeAllOptions
        await expect(at.server.grants.revokeAll(options)).rejects.toThrow(TypeError)
      }

      await expectAlive(at, tokens)
    },
  )

  test('of a client goes on behind a record that cannot be read, and raises request.failed once', async () => {
    const inner = new MemoryStorage()
    let damaged = ''
    const storage = interceptedStorage(inner, async ({ name }, proceed) => {
      const page = await proceed()
      if (name !== 'grants.scan') return page
      const scanned = page as GrantPage
      const sound = scanned.grants.filter(({ id }) => id !== damaged)
      return { ...scanned, grants: sound, unreadable: [damaged] }
    })
    const at = startServer({ storage })
    const [first, second, other] = [await issue(at), await issue(at), await issue(at)]
    damaged = idOfGrant(second)

    expect(await at.server.grants.revokeAll({ clientId: 'app-a' })).toBe(2)

    await expectDead(at, first)
    await expectDead(at, other)
    expect(at.events('request.failed')).toMatchObject([
      { phase: 'storage', error: { name: 'StorageError', message: expect.stringContaining('1 ') as string } },
    ])
  })

  test('of a client asks the storage for the grants of that client alone', async () => {
    const counting = new CountingStorage()
    const at = startServer({ storage: counting.storage })
    await issue(at)

    await at.server.grants.revokeAll({ clientId: 'app-b' })

    const scans = counting.calls.filter(({ name }) => name === 'grants.scan')
    expect(scans.map(({ parameters }) => parameters[1])).toEqual([{ clientId: 'app-b' }])
  })

  test.each(['subject', 'clientId'] as const)(
    'of a %s lets the event loop go on between two pages',
    async (by) => {
      const inner = new MemoryStorage()
      let pages = 0
      const storage = interceptedStorage(inner, async ({ name }, proceed) => {
        if (name === 'grants.scan' || name === 'grants.revokeBySubject') pages += 1
        return proceed()
      })
      const at = startServer({ storage, refreshToken: { maxPerSubjectAndClient: null } })
      const first = idOfGrant(await issue(at))
      const record = (await inner.grants.find(first)) as GrantRecord
      for (let index = 0; index < 1600; index += 1)
        await inner.grants.create({ ...record, id: String(index).padStart(22, '0') })
      let served = 0
      const serve = (): void => {
        served += 1
        if (!done) setImmediate(serve)
      }
      let done = false
      setImmediate(serve)

      const options = by === 'subject' ? { subject: 'u1' } : { clientId: 'app-a', except: first }
      await at.server.grants.revokeAll(options)
      done = true

      expect(pages).toBeGreaterThan(3)
      expect(served).toBeGreaterThanOrEqual(3)
    },
  )

  test('ends unredeemed codes too: logging out leaves nothing to come (R24)', async () => {
    const at = startServer()
    const code = await codeOf(at, undefined, { subject: 'u1', session: 's1' })

    expect(await at.server.grants.revokeAll({ subject: 'u1', session: 's1' })).toBe(1)

    expect(await at.token(redemption(code))).toMatchObject({ body: { error: 'invalid_grant' } })
  })

  test('misses none that is created meanwhile, by a host whose clock is behind', async () => {
    const inner = new MemoryStorage()
    // Of a version that does not ask whether there was a sign-out: it is the walk that ends its grant.
    const unasked = interceptedStorage(inner, ({ name }, proceed) =>
      name === 'values.peek' ? Promise.resolve() : proceed(),
    )
    const slow = startServer({ storage: unasked })
    let created: Tokens | undefined
    const storage = interceptedStorage(inner, async ({ name }, proceed) => {
      const page = await proceed()
      if (name === 'grants.revokeBySubject') created ??= await issue(slow)
      return page
    })
    const at = startServer({ storage })
    at.clock.advance(60)
    const first = await issue(at)

    expect(await at.server.grants.revokeAll({ subject: 'u1' })).toBe(2)

    await expectDead(at, first)
    await expectDead(at, created ?? {})
  })

  test('comes to an end although somebody signs in all the time', async () => {
    const inner = new MemoryStorage()
    const slow = startServer({ storage: inner })
    let pages = 0
    const storage = interceptedStorage(inner, async ({ name }, proceed) => {
      const page = await proceed()
      // Far more than are walked, and still an end.
      if (name === 'grants.revokeBySubject' && ++pages < 200) await issue(slow)
      return page
    })
    const at = startServer({ storage })
    await issue(at)

    expect(await at.server.grants.revokeAll({ subject: 'u1' })).toBeLessThan(100)
  })

  test('two sign-ins of one session are two grants, and both end with it (R24)', async () => {
    const at = startServer()
    const [one, two] = [await issue(at, { session: 's1' }), await issue(at, { session: 's1' })]
    expect(idOfGrant(one)).not.toBe(idOfGrant(two))

    expect(await at.server.grants.revokeAll({ subject: 'u1', session: 's1' })).toBe(2)

    await expectDead(at, one)
    await expectDead(at, two)
  })
})
