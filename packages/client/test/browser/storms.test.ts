import { launchBrowser } from '@oauth-ratchet/browser'
import type { Browser } from 'playwright-core'
import { eventsOf, logInIn, openPage, startServiceWithPages, storm } from '../setup/browser-tabs'

jest.setTimeout(600_000)

let browser: Browser
beforeAll(async () => {
  browser = await launchBrowser()
})
afterAll(() => browser.close())

const eight = Array.from({ length: 8 })
// The grace can only forgive what strict rotation does not: in full where time does not matter.
const withGrace = process.env['CI'] ? 200 : 50

test.each([
  ['localStorage', 200, 0],
  ['cookie', 200, 0],
  ['localStorage', withGrace, 10],
  ['cookie', withGrace, 10],
] as const)(
  'eight tabs on one session in %s go through %i expiries with as many refreshes (reuse_grace %i s)',
  async (store, expiries, reuse_grace) => {
    const service = await startServiceWithPages({}, { cookie: store === 'cookie', client: { reuse_grace } })
    const context = await browser.newContext()
    const pages = await Promise.all(eight.map(() => openPage(context, service, { store })))
    for (const page of pages.slice(0, 1)) await logInIn(page)

    const statuses = await storm(pages, service, expiries)

    expect(statuses).toEqual({ 200: eight.length * (expiries + 1) })
    expect(service.events).toEqual(Array.from({ length: expiries }, () => 'grant.turned'))
    expect(service.refreshes).toHaveLength(expiries)
    for (const page of pages) expect((await eventsOf(page)).join()).not.toContain('signed-out')
    await context.close()
    await service.close()
  },
)
