import type { Browser, BrowserContext } from 'playwright-core'
import type { StormPage } from './storm-client.js'
import type { StormClientName } from './storm-clients.js'
import type { StormPart } from './storm-parts.js'
import type { StormServer } from './storm-server.js'

export interface StormTab {
  readonly askAtOnce: (count: number) => Promise<number[]>
  readonly reload: () => Promise<void>
}

/** What happened to one session, or to several. */
export interface StormCount {
  readonly sessions: number
  readonly signedOut: number
  readonly requests: number
  readonly failed: number
  readonly expiries: number
  readonly refreshes: number
}

/**
 * Takes one session, in a browser profile of its own, through rounds of a part. After a round with failures every tab reloads
 * and makes one more API request, which is not counted; the session is signed out, and ends, when one of these fails too.
 */
export async function runSession(
  browser: Browser,
  server: StormServer,
  client: StormClientName,
  clientId: string,
  part: StormPart,
  rounds: number,
): Promise<StormCount> {
  const context = await browser.newContext()
  try {
    const url = `${server.origin}/${client}/page?client_id=${clientId}`
    const tokens = await server.signIn(clientId)
    const first = await openTab(context, url)
    await first.page.evaluate((given) => (globalThis as never as { storm: StormPage }).storm.signIn(given), {
      ...tokens,
    })
    const others = Array.from({ length: part.tabs - 1 }, () => openTab(context, url))
    const tabs = [first, ...(await Promise.all(others))]
    await first.reload()

    let [expiries, requests, failed, refreshes, signedOut] = [0, 0, 0, 0, 0]
    for (; expiries < rounds && signedOut === 0; expiries++) {
      server.expire()
      const before = server.refreshes()
      const statuses = await part.round(tabs, server)
      refreshes += server.refreshes() - before
      const failures = statuses.filter((status) => status !== 200).length
      requests += statuses.length
      failed += failures
      if (failures > 0) signedOut = (await isSignedIn(tabs)) ? 0 : 1
    }
    return { sessions: 1, signedOut, requests, failed, expiries, refreshes }
  } finally {
    await context.close()
  }
}

export function sumOf(counts: readonly StormCount[]): StormCount {
  const sum = (key: keyof StormCount): number => counts.reduce((total, count) => total + count[key], 0)
  return {
    sessions: sum('sessions'),
    signedOut: sum('signedOut'),
    requests: sum('requests'),
    failed: sum('failed'),
    expiries: sum('expiries'),
    refreshes: sum('refreshes'),
  }
}

async function openTab(context: BrowserContext, url: string) {
  const page = await context.newPage()
  const ready = (): Promise<unknown> => page.waitForFunction(() => 'storm' in globalThis)
  await page.goto(url)
  await ready()
  return {
    page,
    askAtOnce: (count: number) =>
      page.evaluate((n) => (globalThis as never as { storm: StormPage }).storm.askAtOnce(n), count),
    async reload() {
      await page.reload()
      await ready()
    },
  }
}

async function isSignedIn(tabs: readonly StormTab[]): Promise<boolean> {
  for (const tab of tabs) {
    await tab.reload()
    const [status] = await tab.askAtOnce(1)
    if (status !== 200) return false
  }
  return true
}
