import { launchBrowser } from '@oauth-ratchet/browser'
import type { Browser, BrowserContext } from 'playwright-core'
import { askAll, eventsOf, logInIn, openPage, ready, startServiceWithPages } from '../setup/browser-tabs'
import type { PageGlobals } from '../setup/browser-tabs'
import type { Service, ServiceSetup } from '../setup/service'

jest.setTimeout(240_000)

let browser: Browser
beforeAll(async () => {
  browser = await launchBrowser()
})
afterAll(() => browser.close())

let service: Service
let context: BrowserContext
afterEach(async () => {
  await context.close()
  await service.close()
})

async function start(setup: ServiceSetup = {}): Promise<void> {
  service = await startServiceWithPages({}, setup)
  context = await browser.newContext()
}

const eight = Array.from({ length: 8 })

test('a tab that is killed while it holds the lock costs the others nothing', async () => {
  await start()
  const [victim, other] = await Promise.all([
    openPage(context, service, { store: 'localStorage' }),
    openPage(context, service, { store: 'localStorage' }),
  ])
  await logInIn(victim)
  await askAll([victim, other])
  service.expire()
  service.forecast.push('late')
  const carriedOut = service.nextRefresh()
  void victim.evaluate(() => (globalThis as unknown as PageGlobals).ask()).catch(() => {})
  await carriedOut
  await victim.close()

  expect(await askAll([other])).toEqual([200])
  expect(service.events).not.toContain('grant.revoked')
})

test('a tab that is duplicated has a copy of sessionStorage, and the two get on', async () => {
  await start()
  const original = await openPage(context, service, { store: 'sessionStorage' })
  await logInIn(original)
  const [duplicate] = await Promise.all([
    context.waitForEvent('page'),
    // What "Duplicate tab" does: a new tab that begins with the opener's sessionStorage.
    original.evaluate(() => void window.open(location.href, '_blank')),
  ])
  await ready(duplicate)
  for (const tabs of [[original], [duplicate], [duplicate], [original], [original, duplicate]]) {
    expect(await askAll(tabs)).toEqual(tabs.map(() => 200))
    service.expire()
  }

  expect(await askAll([original, duplicate])).toEqual([200, 200])
  expect(service.events).not.toContain('grant.revoked')
})

test('offline it keeps the session, and back online it goes on', async () => {
  await start()
  const page = await openPage(context, service, { store: 'localStorage' })
  await logInIn(page)
  await askAll([page])
  service.expire()

  await context.setOffline(true)
  await expect(askAll([page])).resolves.toEqual([expect.stringContaining('Failed to fetch')])
  await context.setOffline(false)

  expect(await askAll([page])).toEqual([200])
  expect(await eventsOf(page)).not.toContain('signed-out revoked')
})

test('a sign-out in one tab is seen in the others', async () => {
  await start()
  const pages = await Promise.all(eight.map(() => openPage(context, service, { store: 'localStorage' })))
  const [first, second] = pages
  for (const page of pages.slice(0, 1)) await logInIn(page)
  await askAll(pages)

  await second?.evaluate(() => (globalThis as unknown as PageGlobals).client.signOut())

  await first?.waitForFunction(() =>
    (globalThis as unknown as PageGlobals).events.includes('signed-out user'),
  )
  expect(await askAll(pages)).toEqual(eight.map(() => 401))
  expect(service.events).toContain('grant.revoked')
})

test('reloads while a refresh is under way end no session', async () => {
  await start()
  const page = await openPage(context, service, { store: 'localStorage' })
  await logInIn(page)
  await askAll([page])
  for (let round = 0; round < 5; round++) {
    service.expire()
    service.forecast.push('late')
    const carriedOut = service.nextRefresh()
    void page.evaluate(() => (globalThis as unknown as PageGlobals).ask()).catch(() => {})
    await carriedOut
    await page.reload()
    await ready(page)
    expect(await askAll([page])).toEqual([200])
  }

  expect(service.events).not.toContain('grant.revoked')
})

test.each([-3_600_000, 3_600_000])('a device clock that is %i ms off makes no refresh more', async (off) => {
  await start()
  await context.addInitScript((ms) => {
    const { now } = Date
    Date.now = () => now() + ms
  }, off)
  const page = await openPage(context, service, { store: 'localStorage' })
  await logInIn(page)
  for (let count = 0; count < 5; count++) await askAll([page])

  expect(service.refreshes).toHaveLength(0)
})

test('a page that comes back from the back-forward cache has what happened meanwhile', async () => {
  service = await startServiceWithPages()
  const cached = await launchBrowser({ backForwardCache: true })
  context = await cached.newContext()
  const page = await openPage(context, service, { store: 'localStorage' })
  await page.evaluate(() => {
    addEventListener('pageshow', ({ persisted }) => Object.assign(globalThis, { persisted }))
  })
  await logInIn(page)
  const other = await openPage(context, service, { store: 'localStorage' })
  await askAll([page, other])
  await page.goto(`${service.issuer}/api/notes`)
  service.expire()
  expect(await askAll([other])).toEqual([200])
  service.expire()
  expect(await askAll([other])).toEqual([200])

  // A page that is restored does not load.
  await page.goBack({ waitUntil: 'commit' })

  await expect(page.evaluate(() => (globalThis as { persisted?: boolean }).persisted)).resolves.toBe(true)
  expect(await askAll([page])).toEqual([200])
  expect(service.refreshes).toHaveLength(2)
  await cached.close()
})
