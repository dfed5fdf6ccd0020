import { launchBrowser } from '@oauth-ratchet/browser'
import type { Browser, BrowserContext, Page } from 'playwright-core'
import { seededFaults, startBadNetwork } from '../setup/bad-network'
import type { BadNetwork, Fault } from '../setup/bad-network'
import {
  askAll,
  eventsOf,
  logInIn,
  openPage,
  ready,
  startServiceWithPages,
  storm,
} from '../setup/browser-tabs'
import type { PageGlobals } from '../setup/browser-tabs'
import type { Service } from '../setup/service'

jest.setTimeout(240_000)

let browser: Browser
beforeAll(async () => {
  browser = await launchBrowser()
})
afterAll(() => browser.close())

const closing: (() => Promise<unknown>)[] = []
afterEach(async () => {
  for (const close of closing.splice(0).toReversed()) await close()
})

type StoreName = 'localStorage' | 'cookie'
interface Stage {
  readonly network: BadNetwork
  readonly service: Service
  readonly context: BrowserContext
  readonly pages: readonly Page[]
}

/** Tabs of one session whose requests go through a bad network, with strict rotation: only the key tells a loss from a theft. */
async function begin(store: StoreName, tabs: number): Promise<Stage> {
  const network = await startBadNetwork()
  const service = await startServiceWithPages(
    {},
    { network, cookie: store === 'cookie', client: { reuse_grace: 0 } },
  )
  const context = await browser.newContext()
  closing.push(
    () => network.close(),
    () => service.close(),
    () => context.close(),
  )
  // Long enough for an answer that comes at all, on a busy machine too.
  const options = { store, timeout: 0.7 }
  const pages = await Promise.all(Array.from({ length: tabs }, () => openPage(context, service, options)))
  for (const page of pages.slice(0, 1)) await logInIn(page)
  return { network, service, context, pages }
}

const turnsIn = (service: Service): number => service.events.filter((name) => name === 'grant.turned').length
const stores: readonly StoreName[] = ['localStorage', 'cookie']

test('answers lost, cut, late, overtaken and doubled sign nobody out and fork no chain', async () => {
  const expiries = 40
  await Promise.all(
    stores.map(async (store, index) => {
      const { network, service, pages } = await begin(store, 3)
      network.faults.push(...seededFaults(index + 1, 300, 2))

      const statuses = await storm(pages, service, expiries)

      expect([store, statuses]).toEqual([store, { 200: 3 * (expiries + 1) }])
      const happened = new Set(network.happened)
      expect(happened.size).toBe(7)
      // A cookie is kept although the rest of its answer is missing: the next attempt has the next token.
      const cut = network.happened.filter((fault) => fault === 'cut').length
      expect([store, turnsIn(service)]).toEqual([store, expiries + (store === 'cookie' ? cut : 0)])
      expect(service.events).not.toContain('grant.reuse_detected')
      expect(service.events).not.toContain('grant.revoked')
      for (const page of pages) expect((await eventsOf(page)).join()).not.toContain('signed-out')
    }),
  )
})

test.each<[StoreName, Fault[]]>(
  stores.flatMap((store): [StoreName, Fault[]][] => [
    [store, ['cut', 'lost']],
    [store, ['cut', 'cut', 'lost']],
    [store, ['lost', 'cut', 'lost']],
    [store, ['overtaken', 'cut', 'late']],
  ]),
)('%s: one refresh that meets %j keeps the session', async (store, faults) => {
  const { network, service, pages } = await begin(store, 1)
  await askAll(pages)
  service.expire()
  network.faults.push(...faults)

  expect(await askAll(pages)).toEqual([200])

  service.expire()
  expect(await askAll(pages)).toEqual([200])
  expect(service.events).not.toContain('grant.reuse_detected')
})

test.each(stores)(
  '%s: reloads in the middle of refreshes, whose answers never come, end no session',
  async (store) => {
    const { network, service, pages } = await begin(store, 1)
    const [page] = pages as [Page]
    await askAll(pages)
    for (let round = 0; round < 5; round++) {
      service.expire()
      network.faults.push('late')
      const turned = service.nextTurn()
      void page.evaluate(() => (globalThis as unknown as PageGlobals).ask()).catch(() => {})
      await turned
      await page.reload()
      await ready(page)
      expect(await askAll(pages)).toEqual([200])
    }
    expect(service.events).not.toContain('grant.reuse_detected')
  },
)
