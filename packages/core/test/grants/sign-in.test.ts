import type { SignIn } from '@oauth-ratchet/core'
import { clientA, startServer } from '../setup/test-server.js'

const at = startServer()
const seconds = Math.floor(at.clock.now() / 1000)

/** What the app gave, as a program without types may give it, and as it is found in the grant. */
async function authTimeOf(authTime: unknown): Promise<number | undefined> {
  const signIn = { subject: 'u1', authTime } as SignIn
  const tokens = await at.server.grants.issue({ clientId: clientA.client_id, ...signIn })
  return (await at.server.tokens.verify(tokens.access_token)).authTime
}

describe('authTime', () => {
  const date = new Date(seconds * 1000 + 500)
  const iso = new Date(seconds * 1000).toISOString()

  test.each([
    ['seconds', seconds],
    ['seconds with a fraction', seconds + 0.5],
    ['a Date', date],
    ['what a session store makes of a Date', JSON.parse(JSON.stringify(date))],
    ['an ISO string with an offset', iso.replace('.000Z', '+00:00')],
    [
      'an ISO string without seconds',
      new Date(Math.floor(seconds / 60) * 60_000).toISOString().replace(':00.000Z', 'Z'),
    ],
  ])('is taken as %s', async (_case, value: unknown) => {
    const wanted = _case.includes('without seconds') ? Math.floor(seconds / 60) * 60 : seconds
    expect(await authTimeOf(value)).toBe(wanted)
  })

  test('may be left out, and undefined', async () => {
    expect(await authTimeOf(undefined)).toBeUndefined()
  })

  test.each([
    [1_893_456_000_000, 'authTime is 1893456000000, which is milliseconds as Date.now() gives them'],
    ['yesterday', 'authTime is the string "yesterday"'],
    ['2026-11-01T10:00:00', 'authTime is the string "2026-11-01T10:00:00"'],
    ['1893456000', 'authTime is the string "1893456000"'],
    ['2026-13-45T10:00:00Z', 'authTime is the string "2026-13-45T10:00:00Z"'],
    [new Date(Number.NaN), 'authTime is a Date without a valid time'],
    [Number.NaN, 'authTime is NaN'],
    [-1, 'authTime is -1'],
    [null, 'authTime is null'],
    [{ seconds: 5 }, 'authTime is an object that is no Date'],
    [true, 'authTime is true'],
  ])('%p is refused by a TypeError that names it', async (value, message) => {
    await expect(authTimeOf(value)).rejects.toThrow(message)
    await expect(authTimeOf(value)).rejects.toThrow(TypeError)
  })
})

describe('a sign-in', () => {
  const endpoint = at.server.endpoints.authorization()

  test.each([
    [{}, 'subject: a non-empty string, and not undefined'],
    [{ subject: 42 }, 'subject: a non-empty string, and not a number'],
    [{ subject: '' }, 'subject: a non-empty string, and not an empty string'],
    [{ subject: 'u1', name: 5 }, 'name is a number'],
    [{ subject: 'u1', session: 12_345 }, 'session is a number and'],
    [{ subject: 'u1', acr: null }, 'acr is null'],
    [{ subject: 'u1', amr: 'pwd' }, 'amr is a string'],
    [{ subject: 'u1', amr: ['pwd', 1] }, 'amr is a list'],
    [{ subject: 'u1', claims: 'x' }, 'claims is a string'],
    [{ subject: 'u1', claims: { sub: 'x' } }, 'sub'],
    [{ subject: 'u1', metadata: { n: 1n } }, 'metadata is an object'],
    [{ subject: 'u1', lifetimes: 60 }, 'lifetimes is a number'],
    [{ subject: 'u1', lifetimes: { idle: -5 } }, 'lifetimes.idle is -5'],
    [{ subject: 'u1', lifetimes: { absolute: '60' } }, 'lifetimes.absolute is a string'],
    [{ subject: 'u1', authTime: 1e12 }, 'authTime is 1000000000000'],
  ])('%p is found out by checkSignIn, which names what it received', (given, message) => {
    expect(() => endpoint.checkSignIn(given as never)).toThrow(message)
  })

  test('with every member as it should be passes, undefined counting as left out', () => {
    const full = { subject: 'u1', name: 'Alice', authTime: seconds, acr: '1', amr: ['pwd'], session: 's' }
    const none = { name: undefined, authTime: undefined, acr: undefined, amr: undefined, session: undefined }
    expect(() =>
      endpoint.checkSignIn({ ...full, claims: { a: 1 }, metadata: {}, lifetimes: { idle: 5 } }),
    ).not.toThrow()
    expect(() => endpoint.checkSignIn({ subject: 'u1', ...none, lifetimes: undefined })).not.toThrow()
  })

  test('its name is kept nowhere', async () => {
    const tokens = await at.server.grants.issue({
      clientId: clientA.client_id,
      subject: 'u9',
      name: 'Alice Liddell',
    })
    const grants = await at.server.grants.list({ subject: 'u9' })
    const auth = await at.server.tokens.verify(tokens.access_token)
    expect(JSON.stringify([grants, auth])).not.toContain('Liddell')
  })
})
