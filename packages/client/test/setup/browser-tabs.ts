import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { bundleForBrowser } from '@oauth-ratchet/browser'
import type { Bundle } from '@oauth-ratchet/browser'
import type { AuthorizationServerOptions } from '@oauth-ratchet/core'
import type { Client, ClientOptions } from '@oauth-ratchet/client'
import type { BrowserContext, Page } from 'playwright-core'
import { startService } from './service'
import type { Service } from './service'

/** What `page.ts` puts on its window. */
export interface PageGlobals {
  readonly client: Client
  readonly events: readonly string[]
  readonly ask: () => Promise<number | string>
}

let bundle: Promise<Bundle> | undefined

/** The service with a page at `/page` that runs a client. */
export async function startServiceWithPages(
  options: Partial<AuthorizationServerOptions> = {},
): Promise<Service> {
  bundle ??= bundleForBrowser(readFileSync(join(__dirname, 'page.ts'), 'utf8'), 'page')
  const files = await bundle
  return startService(options, (app) => {
    app.get('/page', (_req, res) => {
      res
        .type('html')
        .send('<!doctype html><title>page</title><script type="module" src="/page.js"></script>')
    })
    app.get('/*file', (req, res, next) => {
      const text = files.get(req.path)
      if (text === undefined) next()
      else res.type('js').send(text)
    })
  })
}

/** A tab with a client. */
export async function openPage(
  context: BrowserContext,
  service: Service,
  options: Partial<ClientOptions> = {},
): Promise<Page> {
  const page = await context.newPage()
  await page.goto(`${service.issuer}/page?options=${encodeURIComponent(JSON.stringify(options))}`)
  await ready(page)
  return page
}

/** Waits until the page's program has run. */
export async function ready(page: Page): Promise<void> {
  await page.waitForFunction(() => 'client' in globalThis)
}

/** One request of the API from each tab at once; the statuses. */
export function askAll(pages: readonly Page[]): Promise<(number | string)[]> {
  return Promise.all(pages.map((page) => page.evaluate(() => (globalThis as unknown as PageGlobals).ask())))
}

export function eventsOf(page: Page): Promise<readonly string[]> {
  return page.evaluate(() => (globalThis as unknown as PageGlobals).events)
}

/** Begins a session in a tab, as after a login route of the app's own. */
export async function adoptIn(page: Page, service: Service): Promise<void> {
  const tokens = await service.signedIn()
  await page.evaluate((given) => (globalThis as unknown as PageGlobals).client.adopt(given), { ...tokens })
}
