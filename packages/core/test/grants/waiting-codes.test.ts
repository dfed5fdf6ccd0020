import { WaitingCodes } from '../../src/grants/waiting-codes.js'
import { authorize, authorizationQuery, codeOf, redemption } from '../setup/authorization.js'
import { grantOf, id } from '../setup/records.js'
import { startServer } from '../setup/test-server.js'
import { tokensOf } from '../setup/tokens.js'

const lifetime = 60_000

/** As many codes as may wait, made at one time. */
function full(now: number): WaitingCodes {
  const codes = new WaitingCodes()
  for (let index = 0; index < 1000; index += 1) codes.add(code(String(index), now), now)
  return codes
}

function code(name: string, now: number, over = {}) {
  return grantOf({ id: id(name), generation: 0, expiresAt: now + lifetime, ...over })
}

const tooMany = expect.objectContaining({
  name: 'OAuthError',
  code: 'temporarily_unavailable',
  retryAfter: 60,
}) as Error

describe('the codes of one subject and client that wait to be redeemed', () => {
  test('are a thousand at most', () => {
    const codes = full(0)

    expect(() => codes.add(code('x', 0), 0)).toThrow(tooMany)
  })

  test('are counted for each subject and each client by itself', () => {
    const codes = full(0)

    codes.add(code('x', 0, { subjectHash: id('t') }), 0)
    codes.add(code('y', 0, { clientId: 'app-b' }), 0)
    expect(() => codes.add(code('z', 0), 0)).toThrow(tooMany)
  })

  test('make room when one is redeemed, and no more than that', () => {
    const codes = full(0)

    codes.remove(id('7'))
    codes.remove(id('7'))
    codes.remove(id('unheard-of'))

    codes.add(code('x', 0), 0)
    expect(() => codes.add(code('y', 0), 0)).toThrow(tooMany)
  })

  test('lock nobody out for longer than the lifetime of a code', () => {
    const codes = full(0)

    expect(() => codes.add(code('x', lifetime - 1), lifetime - 1)).toThrow(tooMany)
    codes.add(code('x', lifetime), lifetime)
  })

  test('lock nobody out for a day where a clock is put back by one', () => {
    const codes = full(86_400_000)

    codes.add(code('x', 0), 0)
  })
})

describe('the authorization endpoint', () => {
  test('refuses a code more than may wait with a 503, stores nothing, and the first one is still good', async () => {
    const at = startServer()
    const first = await codeOf(at)
    for (let count = 1; count < 1000; count += 1) await codeOf(at)

    await expect(authorize(at)).rejects.toMatchObject({ code: 'temporarily_unavailable', status: 503 })

    const found = await at.storage.grants.scan({ limit: 1000 })
    expect([found.grants.length, found.cursor]).toEqual([1000, undefined])
    tokensOf(await at.token(redemption(first)))
    expect(await codeOf(at, authorizationQuery())).not.toBe('')
  })
})
