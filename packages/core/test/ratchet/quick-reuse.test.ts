import { createAuthorizationServer, MemoryStorage } from '@oauth-ratchet/core'
import { clientA, issuer, secret } from '../setup/test-server.js'

let now: number
let warnings: jest.SpyInstance

beforeEach(() => {
  now = Date.now()
  warnings = jest.spyOn(process, 'emitWarning').mockImplementation(() => {})
})
afterEach(() => warnings.mockRestore())

function start() {
  const server = createAuthorizationServer({
    issuer,
    secrets: [secret],
    storage: new MemoryStorage(),
    scopes: ['read', 'write'],
    clients: [clientA],
    now: () => now,
    sweepInterval: 0,
  })
  /** A session whose first refresh token comes again so many milliseconds after it was used. */
  const reuseAfter = async (ms: number): Promise<string> => {
    const clientId = clientA.client_id
    const { refresh_token: refreshToken = '' } = await server.grants.issue({ clientId, subject: 'u1' })
    await server.tokens.refresh({ clientId, refreshToken })
    now += ms
    await expect(server.tokens.refresh({ clientId, refreshToken })).rejects.toMatchObject({
      code: 'invalid_grant',
    })
    return refreshToken
  }
  return { server, reuseAfter }
}

const codes = () => warnings.mock.calls.map(([, options]) => (options as { code: string }).code)

test('a token that comes again within seconds is warned of once, with the client, the cures and no token', async () => {
  const { reuseAfter } = start()
  const token = await reuseAfter(1500)
  await reuseAfter(100)

  expect(codes()).toEqual(['OAUTH_RATCHET_QUICK_REUSE'])
  const text = String(warnings.mock.calls[0]?.[0])
  for (const part of [
    'app-a',
    '1.5 s',
    '@oauth-ratchet/client',
    'Idempotency-Key',
    'reuse_grace',
    'docs/questions.md',
  ]) {
    expect(text).toContain(part)
  }
  expect(text).not.toContain(token)
  expect(text).not.toContain('u1')
})

test('one that comes later is not: that is no tab and no retry', async () => {
  const { reuseAfter } = start()
  await reuseAfter(10_001)

  expect(codes()).toEqual([])
})

test('with a listener for grant.reuse_detected there is no warning: somebody knows', async () => {
  const { server, reuseAfter } = start()
  server.on('grant.reuse_detected', () => {})
  await reuseAfter(100)

  expect(codes()).toEqual([])
})
