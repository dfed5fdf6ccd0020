import { MemoryStorage } from '@oauth-ratchet/core'
import type { Page } from '@oauth-ratchet/core'
import { endedAtOnce, readAtOnce } from '../../src/storage/every-page.js'
import { interceptedStorage } from '../setup/intercepted-storage.js'
import { startServer } from '../setup/test-server.js'
import type { TestServer } from '../setup/test-server.js'
import { issue } from '../setup/tokens.js'

const GRANTS = 150

interface Looked {
  readonly name: string
  readonly limit: number
  /** How many grants the call answered. */
  readonly found: number
  /** How often the event loop had gone round. */
  readonly loop: number
}

/** A server whose one user has many grants, and every storage call that names a page since they were made. */
async function crowded(options: Parameters<typeof startServer>[0] = {}) {
  const looks: Looked[] = []
  let loop = 0
  let counting = true
  const count = (): void => {
    loop += 1
    if (counting) setImmediate(count)
  }
  const storage = interceptedStorage(new MemoryStorage(), async ({ name, parameters }, proceed) => {
    const page = parameters.find((one): one is Page => typeof (one as Page | undefined)?.limit === 'number')
    const answer = (await proceed()) as { readonly grants?: readonly unknown[] } | undefined
    if (page !== undefined) looks.push({ name, limit: page.limit, found: answer?.grants?.length ?? 0, loop })
    return answer
  })
  const at = startServer({ refreshToken: { maxPerSubjectAndClient: null }, ...options, storage })
  for (let made = 0; made < GRANTS; made++) await issue(at)
  setImmediate(count)
  looks.length = 0
  return {
    at,
    storage,
    looks,
    during: async <T>(work: (at: TestServer) => Promise<T>): Promise<T> => {
      try {
        return await work(at)
      } finally {
        counting = false
      }
    },
  }
}

function most(name: string): number {
  return name === 'grants.revokeBySubject' ? endedAtOnce : readAtOnce
}

describe('of what is done with the many grants of one user', () => {
  test.each<[string, (at: TestServer) => Promise<unknown>]>([
    ['grants.page', (at: TestServer) => at.server.grants.page({ subject: 'u1', limit: 500 })],
    ['grants.list', (at: TestServer) => at.server.grants.list({ subject: 'u1' })],
    ['grants.revokeAll', (at: TestServer) => at.server.grants.revokeAll({ subject: 'u1' })],
    [
      'grants.revokeAll of a client',
      (at: TestServer) => at.server.grants.revokeAll({ subject: 'u1', clientId: 'app-a' }),
    ],
    [
      'grants.revokeAll with a scope',
      (at: TestServer) => at.server.grants.revokeAll({ subject: 'u1', scope: 'read' }),
    ],
    [
      'grants.revokeAll without a subject',
      (at: TestServer) => at.server.grants.revokeAll({ clientId: 'app-a' }),
    ],
    ['grants.erase', (at: TestServer) => at.server.grants.erase({ subject: 'u1' })],
  ])('%s has one storage call read or end few, and lets others in between', async (_name, work) => {
    const { looks, during } = await crowded()

    await during(work)

    expect(looks.filter(({ name, limit }) => limit > most(name))).toEqual([])
    const parts = looks.filter(({ found }) => found > 0)
    expect(parts.length).toBeGreaterThanOrEqual(GRANTS / readAtOnce)
    expect(new Set(parts.map(({ loop }) => loop)).size).toBe(parts.length)
  })

  test('a page has as many as were asked for all the same, and the next one goes on behind it', async () => {
    const { during } = await crowded()

    await during(async ({ server }) => {
      const first = await server.grants.page({ subject: 'u1', limit: 100 })
      const second = await server.grants.page({ subject: 'u1', limit: 100, cursor: first.cursor ?? '' })

      expect([first.grants.length, second.grants.length]).toEqual([100, GRANTS - 100])
      expect(new Set([...first.grants, ...second.grants].map(({ id }) => id)).size).toBe(GRANTS)
      expect(second.cursor).toBeUndefined()
    })
  })

  test('a sign-in at the default limit lists in one call', () => {
    expect(readAtOnce).toBeGreaterThan(startServer().server.settings.maxPerSubjectAndClient ?? 0)
  })

  test('a sign-in under a limit that has become shorter reads few at once', async () => {
    const { looks, storage, during } = await crowded()
    const shorter = startServer({ storage, refreshToken: { maxPerSubjectAndClient: 10 } })

    await during(() => issue(shorter))

    expect(looks.filter(({ limit }) => limit > readAtOnce)).toEqual([])
    expect(await shorter.server.grants.list({ subject: 'u1' })).toHaveLength(10)
  })
})
