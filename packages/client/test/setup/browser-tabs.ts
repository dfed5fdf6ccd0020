import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { bundleForBrowser } from '@oauth-ratchet/browser'
import type { Bundle } from '@oauth-ratchet/browser'
import type { AuthorizationServerOptions } from '@oauth-ratchet/core'
import type { Client, ClientOptions } from '@oauth-ratchet/client'
import type { Express } from 'express'
import type { BrowserContext, Page } from 'playwright-core'
import { startService } from './service'
import type { Service, ServiceSetup } from './service'

/** What `page.ts` puts on its window. */
export interface PageGlobals {
  readonly client: Client
  readonly events: readonly string[]
  readonly ask: () => Promise<number | string>
  readonly logIn: () => Promise<void>
  readonly storm: (tabs: number, rounds: number) => Promise<Record<string, number>>
}

let bundle: Promise<Bundle> | undefined

/** The service with a page at `/page` that runs a client. */
export async function startServiceWithPages(
  options: Partial<AuthorizationServerOptions> = {},
  setup: ServiceSetup = {},
): Promise<Service> {
  bundle ??= bundleForBrowser(readFileSync(join(__dirname, 'page.ts'), 'utf8'), 'page', __dirname)
  const files = await bundle
  const pages = (app: Express): void => {
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
  }
  return startService(options, pages, setup)
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
  return Promise.all(
    pages.map((page) =>
      inTime(
        page,
        page.evaluate(() => (globalThis as unknown as PageGlobals).ask()),
      ),
    ),
  )
}

// The browser bounds no evaluation: a page that never answers would otherwise be a test that ran out of time, and no more.
async function inTime<Answer>(page: Page, evaluation: Promise<Answer>): Promise<Answer> {
  let timer: NodeJS.Timeout | undefined
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error(`${page.url()} did not answer within 60 s`)), 60_000)
  })
  try {
    return await Promise.race([evaluation, late])
  } finally {
    clearTimeout(timer)
  }
}

export function eventsOf(page: Page): Promise<readonly string[]> {
  return page.evaluate(() => (globalThis as unknown as PageGlobals).events)
}

/** Begins a session in a tab, with the login route of the app's own. */
export async function logInIn(page: Page): Promise<void> {
  await page.evaluate(() => (globalThis as unknown as PageGlobals).logIn())
}

/**
 * All tabs at once request the API, again and again; each access token expires when every tab has used it. Gives how often
 * each status came, over all tabs.
 */
export async function storm(
  pages: readonly Page[],
  service: Service,
  expiries: number,
): Promise<Record<string, number>> {
  service.expireAfter(pages.length)
  const given = [pages.length, expiries + 1] as const
  const all = await Promise.all(
    pages.map((page) =>
      page.evaluate(([tabs, rounds]) => (globalThis as unknown as PageGlobals).storm(tabs, rounds), given),
    ),
  )
  const sum: Record<string, number> = {}
  for (const [status, count] of all.flatMap(Object.entries<number>)) sum[status] = (sum[status] ?? 0) + count
  return sum
}
