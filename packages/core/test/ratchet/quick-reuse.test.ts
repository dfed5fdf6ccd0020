import { readFileSync } from 'node:fs'
import { join } from 'node:path'
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

function slug(title: string): string {
  return title.toLowerCase().replaceAll(' ', '-')
}

/** The text below the first heading of the second level whose title fits. */
function sectionOf(file: string, fits: (title: string) => boolean): string {
  const sections = readFileSync(join(__dirname, '../../../..', file), 'utf8').split('\n## ')
  return sections.find((section) => fits(section.split('\n')[0] ?? '')) ?? ''
}

const codes = () => warnings.mock.calls.map(([, options]) => (options as { code: string }).code)

test('a token that comes again within seconds is warned of once, with the client and no token', async () => {
  const { reuseAfter } = start()
  const token = await reuseAfter(1500)
  await reuseAfter(100)

  expect(codes()).toEqual(['OAUTH_RATCHET_QUICK_REUSE'])
  const text = String(warnings.mock.calls[0]?.[0])
  expect(text).toContain('app-a')
  expect(text).toContain('1.5 s')
  expect(text).not.toContain(token)
  expect(text).not.toContain('u1')
})

test('the warning, the README that it names and question 2 have the same three cures in the same order', async () => {
  await start().reuseAfter(100)
  const text = String(warnings.mock.calls[0]?.[0])
  const anchor = /https:\/\/www\.npmjs\.com\/package\/@oauth-ratchet\/core#([a-z-]+)/.exec(text)?.[1]
  const readme = sectionOf('packages/core/README.md', (title) => slug(title) === anchor)
  const question = sectionOf('docs/questions.md', (title) => title.startsWith('2. '))

  const cures = ['@oauth-ratchet/client', 'Idempotency-Key', 'refreshTokenCookie', 'reuse_grace: 10']
  for (const words of [text, readme, question]) {
    const three = words.slice(words.indexOf('Three things cure it'))
    const places = cures.map((cure) => three.indexOf(cure))
    expect(places.every((place) => place >= 0)).toBe(true)
    expect(places).toEqual(places.toSorted((one, other) => one - other))
  }
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
