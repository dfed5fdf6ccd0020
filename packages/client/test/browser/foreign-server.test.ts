import { launchBrowser } from '@oauth-ratchet/browser'
import type { Browser, BrowserContext, Page } from 'playwright-core'
import { askAll, eventsOf, ready } from '../setup/browser-tabs'
import type { PageGlobals } from '../setup/browser-tabs'
import { startForeignServer } from '../setup/foreign-server'
import type { ForeignServer } from '../setup/foreign-server'

jest.setTimeout(120_000)

let browser: Browser
let service: ForeignServer
let context: BrowserContext
beforeAll(async () => {
  browser = await launchBrowser()
  service = await startForeignServer()
})
afterAll(async () => {
  await browser.close()
  await service.close()
})
beforeEach(async () => {
  context = await browser.newContext()
})
afterEach(() => context.close())

async function openTab(): Promise<Page> {
  const page = await context.newPage()
  await page.goto(service.origin)
  await ready(page)
  return page
}

/** Signs in on the provider's own pages, from redirect to callback. */
async function signedIn(): Promise<Page> {
  const page = await openTab()
  await page.evaluate(() =>
    (globalThis as unknown as PageGlobals).client.signIn({
      returnTo: '/inbox',
      // Without it the provider leaves offline_access out (OpenID Connect Core §11).
      parameters: { prompt: 'consent' },
    }),
  )
  await page.fill('[name=login]', 'alice')
  await page.fill('[name=password]', 'wonderland')
  await page.click('[type=submit]')
  await page.waitForSelector('[name=prompt][value=consent]', { state: 'attached' })
  await page.click('[type=submit]')
  await page.waitForURL(`${service.origin}/callback?**`)
  await ready(page)
  const done = await page.evaluate(() => (globalThis as unknown as PageGlobals).client.handleCallback())
  expect(done).toEqual({ returnTo: '/inbox' })
  return page
}

test('at oidc-provider it signs in, refreshes and signs out', async () => {
  const page = await signedIn()
  expect(await askAll([page])).toEqual([200])
  expect(new URL(page.url()).search).toBe('')

  const before = service.refreshes().length
  for (let round = 0; round < 3; round++) {
    service.expire()
    expect(await askAll([page])).toEqual([200])
  }
  expect(service.refreshes().slice(before)).toHaveLength(3)
  await page.reload()
  await ready(page)
  expect(await askAll([page])).toEqual([200])

  const revoked = service.revoked()
  const refreshToken = await page.evaluate(() => {
    const [text = '{}'] = Object.values(localStorage) as string[]
    return (JSON.parse(text) as { refreshToken: string }).refreshToken
  })
  await page.evaluate(() => (globalThis as unknown as PageGlobals).client.signOut())

  expect(await askAll([page])).toEqual([401])
  expect(service.revoked()).toBe(revoked + 1)
  const answer = await fetch(`${service.issuer}/token`, {
    method: 'POST',
    body: new URLSearchParams({ grant_type: 'refresh_token', refresh_token: refreshToken, client_id: 'app' }),
  })
  await expect(answer.json()).resolves.toMatchObject({ error: 'invalid_grant' })
})

test('eight tabs at oidc-provider go through 20 expiries with 20 refreshes, and nobody is signed out', async () => {
  const first = await signedIn()
  const pages = [first, ...(await Promise.all(Array.from({ length: 7 }, openTab)))]
  expect(await askAll(pages)).toEqual(pages.map(() => 200))
  const before = service.refreshes().length
  const revoked = service.revoked()
  for (let round = 0; round < 20; round++) {
    service.expire()
    expect(await askAll(pages)).toEqual(pages.map(() => 200))
  }

  expect(service.refreshes().slice(before)).toHaveLength(20)
  expect(service.revoked()).toBe(revoked)
})

test('a server whose metadata do not say that it knows keys is sent none, and a refresh needs no preflight', async () => {
  const page = await signedIn()
  await askAll([page])
  service.expire()
  const before = service.requests.length
  expect(await askAll([page])).toEqual([200])

  const sent = service.requests.slice(before)
  expect(sent).toMatchObject([{ method: 'POST', grantType: 'refresh_token', status: 200 }])
  expect(sent.flatMap(({ headers }) => headers)).not.toContain('idempotency-key')
})

test('a lost answer at a server that knows no keys ends the session, and the reason is reuse', async () => {
  const page = await signedIn()
  await askAll([page])
  service.expire()
  await page.route(
    `${service.issuer}/token`,
    async (route) => {
      await route.fetch()
      await route.abort()
    },
    { times: 1 },
  )

  expect(await askAll([page])).toEqual([401])
  expect(await eventsOf(page)).toContain('signed-out reuse')
})
