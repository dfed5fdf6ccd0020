import { isCursorError, MemoryStorage } from '@oauth-ratchet/core'
import type { Page, RevokeSomeOptions } from '@oauth-ratchet/core'
import { interceptedStorage } from '../setup/intercepted-storage.js'
import { startServer } from '../setup/test-server.js'
import type { TestServer } from '../setup/test-server.js'
import { expectAlive, expectDead, idOfGrant, issue } from '../setup/tokens.js'

const machine = {
  client_id: 'stored',
  token_endpoint_auth_method: 'none',
  grant_types: ['refresh_token'],
} as const

/** A server whose storage has pages of two. */
function startPaged(): { at: TestServer; calls: string[] } {
  const calls: string[] = []
  const storage = interceptedStorage(new MemoryStorage(), (call, proceed) => {
    calls.push(call.name)
    const page = call.parameters.find((each) => typeof each === 'object' && each !== null && 'limit' in each)
    if (page !== undefined) Object.assign(page as Page, { limit: 2 })
    return proceed()
  })
  const at = startServer({ storage, refreshToken: { maxPerSubjectAndClient: null } })
  return { at, calls }
}

async function issued(at: TestServer, count: number, clientId = 'app-a') {
  const tokens = []
  for (let index = 0; index < count; index++) tokens.push(await issue(at, { clientId }))
  return tokens
}

/** All calls until there is no cursor, each with the last one's. */
async function toTheEnd(at: TestServer, options: RevokeSomeOptions): Promise<number[]> {
  const ended: number[] = []
  let cursor: string | undefined
  do {
    const some = await at.server.grants.revokeSome({ ...options, ...(cursor !== undefined && { cursor }) })
    ended.push(some.ended)
    cursor = some.cursor
  } while (cursor !== undefined)
  return ended
}

describe('grants.revokeSome', () => {
  test.each([
    ['a subject', { subject: 'u1' }],
    ['a client', { clientId: 'app-a' }],
    ['a subject at a client', { subject: 'u1', clientId: 'app-a' }],
  ])('ends the grants of %s call by call, each no longer than its time', async (_of, filter) => {
    const { at } = startPaged()
    const tokens = await issued(at, 5)
    const { access_token: other } = await issue(at, { subject: 'u2', clientId: 'app-b' })

    const ended = await toTheEnd(at, { ...filter, seconds: 0 })

    expect(ended.length).toBeGreaterThan(2)
    expect(Math.max(...ended)).toBeLessThanOrEqual(2)
    expect(ended.reduce((sum, each) => sum + each, 0)).toBe(5)
    for (const each of tokens) await expectDead(at, each)
    await expectAlive(at, { access_token: other })
    expect(at.events('grant.revoked')).toHaveLength(5)
  })

  test('with time enough one call ends all, but the one that is to stay', async () => {
    const { at } = startPaged()
    const [stays = { access_token: '' }, ...others] = await issued(at, 5)

    const some = await at.server.grants.revokeSome({ subject: 'u1', except: idOfGrant(stays) })

    expect(some).toEqual({ ended: 4 })
    await expectAlive(at, stays)
    for (const each of others) await expectDead(at, each)
  })

  test('a call that is repeated after a lost answer, or begun anew, ends the rest', async () => {
    const { at } = startPaged()
    const tokens = await issued(at, 5)
    const first = await at.server.grants.revokeSome({ subject: 'u1', seconds: 0 })
    const again = { subject: 'u1', seconds: 0, cursor: first.cursor ?? '' }
    await at.server.grants.revokeSome(again)
    await at.server.grants.revokeSome(again)

    await toTheEnd(at, { subject: 'u1' })

    for (const each of tokens) await expectDead(at, each)
    expect(at.events('grant.revoked')).toHaveLength(5)
  })

  test('the first call for a stored client ends all its grants at once, and only the first', async () => {
    const { at, calls } = startPaged()
    await at.server.clients.create(machine)
    const tokens = await issued(at, 5, 'stored')
    at.clock.advance(1)
    calls.length = 0

    const first = await at.server.grants.revokeSome({ clientId: 'stored', seconds: 0 })
    for (const each of tokens) await expectDead(at, each)
    await at.server.grants.revokeSome({ clientId: 'stored', cursor: first.cursor ?? '' })

    expect(calls.filter((name) => name === 'clients.save')).toHaveLength(1)
  })

  test('a subject alone is signed out everywhere by the first call: a login from before gets no grant', async () => {
    const { at } = startPaged()
    const authTime = at.clock.seconds - 10
    await issued(at, 3)

    await at.server.grants.revokeSome({ subject: 'u1', seconds: 0 })

    await expect(issue(at, { authTime })).rejects.toMatchObject({ code: 'invalid_grant' })
  })

  test("a cursor of another user's or client's walk, or of none, is refused, and ends nothing", async () => {
    const { at } = startPaged()
    const others = [await issue(at, { subject: 'u2' }), await issue(at, { subject: 'u2' })]
    await issued(at, 3)
    const { cursor = '' } = await at.server.grants.revokeSome({ subject: 'u1', seconds: 0 })

    for (const filter of [{ subject: 'u2' }, { clientId: 'app-a' }, { subject: 'u1', clientId: 'app-a' }]) {
      const error: unknown = await at.server.grants.revokeSome({ ...filter, cursor }).catch((each) => each)
      expect(isCursorError(error)).toBe(true)
    }
    await expect(at.server.grants.revokeSome({ subject: 'u1', cursor: 's.1' })).rejects.toThrow()
    for (const each of others) await expectAlive(at, each)
  })

  test.each([{}, { subject: '' }, { subject: 'u1', cursor: '' }])('refuses %j', async (options) => {
    const { at } = startPaged()
    await expect(at.server.grants.revokeSome(options)).rejects.toThrow(TypeError)
  })

  test.each([-1, 3601, Number.NaN])('refuses %p seconds', async (seconds) => {
    const { at } = startPaged()
    await expect(at.server.grants.revokeSome({ subject: 'u1', seconds })).rejects.toThrow(RangeError)
  })
})

describe('except', () => {
  test.each(['revokeAll', 'revokeSome'] as const)(
    'of %s that is the id of no grant is refused: with a misspelt one all would end',
    async (call) => {
      const { at } = startPaged()
      const [tokens = { access_token: '' }] = await issued(at, 1)
      const except = `${idOfGrant(tokens)} `

      await expect(at.server.grants[call]({ subject: 'u1', except })).rejects.toThrow(TypeError)
      await expectAlive(at, tokens)
    },
  )
})
