import { codeOf } from '../setup/authorization.js'
import { startServer } from '../setup/test-server.js'
import { expectAlive, expectDead, idOfGrant, issue } from '../setup/tokens.js'

describe('grants.page', () => {
  test('walks over all of the grants, each once, in pages of the size asked for', async () => {
    const at = startServer({ refreshToken: { maxPerSubjectAndClient: null } })
    for (let count = 0; count < 25; count++) await issue(at)
    await issue(at, { subject: 'u2' })

    const sizes: number[] = []
    const ids = new Set<string>()
    let cursor: string | undefined
    do {
      const page = await at.server.grants.page({ subject: 'u1', limit: 10, ...(cursor && { cursor }) })
      sizes.push(page.grants.length)
      for (const { id } of page.grants) ids.add(id)
      ;({ cursor } = page)
    } while (cursor !== undefined)

    expect(sizes.filter((size) => size > 0)).toEqual([10, 10, 5])
    expect(ids.size).toBe(25)
  })

  test('says which of its grants were made in a session of the app', async () => {
    const at = startServer()
    const here = [await issue(at, { session: 's1' }), await issue(at, { session: 's1', clientId: 'app-b' })]
    await issue(at, { session: 's2' })
    await issue(at)

    const { grants, inSession } = await at.server.grants.page({ subject: 'u1', session: 's1' })

    expect(grants).toHaveLength(4)
    expect([...inSession].toSorted()).toEqual(here.map(idOfGrant).toSorted())
  })

  test('goes on over what grants_not_before has ended, to a grant that lives', async () => {
    const at = startServer({ refreshToken: { maxPerSubjectAndClient: null } })
    const { client_id } = await at.server.clients.create({
      token_endpoint_auth_method: 'none',
      grant_types: ['refresh_token'],
      scope: 'read',
    })
    for (let count = 0; count < 3; count++) await issue(at, { clientId: client_id })
    at.clock.advance(5)
    await at.server.clients.update(client_id, { grants_not_before: at.clock.seconds })
    const live = await issue(at)

    const { grants } = await at.server.grants.page({ subject: 'u1', limit: 1 })

    expect(grants.map(({ id }) => id)).toEqual([idOfGrant(live)])
  })

  test.each([
    [{ subject: '' }, TypeError],
    [{ subject: 'u1', session: undefined }, TypeError],
    [{ subject: 'u1', sesion: 's1' }, TypeError],
    [{ subject: 'u1', limit: 0 }, RangeError],
    [{ subject: 'u1', limit: 501 }, RangeError],
    [{ subject: 'u1', cursor: 'made up' }, RangeError],
  ])('%p is refused', async (options, error) => {
    await expect(startServer().server.grants.page(options as never)).rejects.toThrow(error)
  })
})

describe('grants.revokeAll with exceptSession', () => {
  test('leaves every grant of that session alone, and ends all others and their codes', async () => {
    const at = startServer()
    const here = [await issue(at, { session: 's1' }), await issue(at, { session: 's1' })]
    const others = [await issue(at, { session: 's2' }), await issue(at)]
    await codeOf(at, undefined, { subject: 'u1', session: 's2' })

    expect(await at.server.grants.revokeAll({ subject: 'u1', exceptSession: 's1' })).toBe(3)

    for (const tokens of here) await expectAlive(at, tokens)
    for (const tokens of others) await expectDead(at, tokens)
  })

  test('does so for one client, with a subject and without', async () => {
    const at = startServer()
    const here = await issue(at, { session: 's1' })
    const other = await issue(at, { session: 's2' })
    const elsewhere = await issue(at, { clientId: 'app-b' })

    expect(await at.server.grants.revokeAll({ clientId: 'app-a', exceptSession: 's1' })).toBe(1)

    await expectDead(at, other)
    await expectAlive(at, here)
    expect(await at.server.grants.get(idOfGrant(elsewhere))).toMatchObject({ status: 'active' })
  })

  test.each([{ exceptSession: undefined }, { exceptSession: '' }])(
    'refuses %p, which would leave nothing alone',
    async (given) => {
      const { grants } = startServer().server
      const options: object = { subject: 'u1', ...given }
      await expect(grants.revokeAll(options)).rejects.toThrow(TypeError)
    },
  )
})
