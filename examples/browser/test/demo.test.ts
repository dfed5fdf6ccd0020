import { spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { launchBrowser } from '@oauth-ratchet/browser'
import type { Browser, BrowserContext, Page } from 'playwright-core'
import { runApp } from '../../server/test/support/in-process.js'
import type { RunningApp } from '../../server/test/support/in-process.js'

jest.setTimeout(90_000)

const folder = mkdtempSync(join(tmpdir(), 'oauth-ratchet-demo-'))
let browser: Browser
let context: BrowserContext
let app: RunningApp
/** Names of the grant events that the server raised. */
let raised: string[]
/** What a page wrote to its console that is no refusal which the page asked for. */
let complaints: string[]

beforeAll(async () => {
  const script = join(__dirname, '../../../scripts/build-demo.mjs')
  const { status, stderr } = spawnSync(process.execPath, [script, folder], { encoding: 'utf8' })
  if (status !== 0) throw new Error(stderr)
  browser = await launchBrowser()
})
afterAll(async () => {
  await browser.close()
  rmSync(folder, { recursive: true, force: true })
})

async function start(options: Parameters<typeof runApp>[0] = {}): Promise<Page> {
  app = await runApp({ demoFolder: folder, ...options })
  raised = []
  complaints = []
  for (const name of ['grant.turned', 'grant.repeated', 'grant.reuse_detected', 'grant.revoked'] as const) {
    app.server.on(name, () => raised.push(name))
  }
  context = await browser.newContext({ viewport: { width: 390, height: 800 }, reducedMotion: 'reduce' })
  context.on('weberror', (error) => complaints.push(String(error.error())))
  context.on('console', (message) => {
    const isRefusal = message.location().url.endsWith('/oauth/token')
    if (['error', 'warning'].includes(message.type()) && !isRefusal) complaints.push(message.text())
  })
  return context.newPage()
}
afterEach(() => context.close())

async function signIn(page: Page, decision: 'approve' | 'deny' = 'approve'): Promise<void> {
  await page.goto(`${app.issuer}/demo/`)
  await page.getByRole('button', { name: 'Sign in to begin' }).click()
  await page.locator('[name=username]').fill('alice')
  await page.locator('[name=password]').fill('wonderland')
  await page.locator('[name=password]').press('Enter')
  await page.locator(`[name=decision][value=${decision}]`).click()
  if (decision === 'approve') await seen(page, 'Generation 1: current.')
}

/** Waits until the picture's words have this. */
async function seen(page: Page, words: string): Promise<void> {
  await page.locator(`#chain[aria-label*="${words}"]`).waitFor()
}

async function heard(page: Page, words: string): Promise<void> {
  await page.getByRole('list', { name: 'What happened' }).getByText(words).first().waitFor()
}

function click(page: Page, name: string): Promise<void> {
  return page.getByRole('button', { name, exact: true }).click()
}

async function secondTab(page: Page): Promise<Page> {
  const [second] = await Promise.all([
    context.waitForEvent('page'),
    page.getByRole('link', { name: 'Open a second tab' }).click(),
  ])
  await second.getByText('This is tab 2.').waitFor()
  return second
}

/** Pixels by which a page is wider than the phone. */
function overflow(page: Page): Promise<number> {
  return page.evaluate(() => document.documentElement.scrollWidth - window.innerWidth)
}

test('a visitor refreshes, in two tabs at once, loses an answer, and is robbed: both tabs say why they are signed out', async () => {
  const page = await start()
  await signIn(page)
  await click(page, 'Call the API')
  await page.getByText('"sub": "alice"').waitFor()
  await click(page, 'Refresh now')
  await seen(page, 'Generation 2: current.')

  const second = await secondTab(page)
  await seen(second, 'Generation 2: current.')
  await click(page, 'Refresh in both at once')
  await seen(page, 'Generation 3: current.')
  await seen(second, 'Generation 3: current.')
  await heard(page, 'Took over generation 3')
  expect(raised).toEqual(['grant.turned', 'grant.turned'])

  await click(page, 'Drop the next answer')
  await seen(page, 'Generation 4: current, given again.')
  await page.getByText('An answer was lost, and nobody was signed out.').waitFor()
  expect(raised.slice(2)).toEqual(['grant.turned', 'grant.repeated'])

  await click(page, 'Copy the refresh token')
  await click(page, 'Let the owner refresh')
  await seen(page, 'Generation 5: current.')
  expect(await overflow(page)).toBe(0)
  await click(page, 'Use the copy')
  for (const tab of [page, second]) {
    await tab.getByText('Signed out in every tab: generation 4 was used twice.').waitFor()
    await seen(tab, 'Generation 4: came back, given again, copied. Generation 5: dead.')
    await heard(tab, 'Signed out: generation 4 was used twice, so the server ended the session.')
    await tab.getByRole('button', { name: 'Sign in again' }).waitFor()
    expect(await overflow(tab)).toBe(0)
  }
  expect(raised.slice(4)).toEqual(['grant.turned', 'grant.reuse_detected', 'grant.revoked'])
  expect(complaints).toEqual([])
})

test('a thief who is faster is found out when the owner refreshes', async () => {
  const page = await start()
  await signIn(page)
  await click(page, 'Copy the refresh token')
  await click(page, 'Use the copy')
  await page.getByText('The thief was faster, and has').waitFor()
  await click(page, 'Refresh now')
  await page.getByText('Signed out in every tab: generation 1 was used twice.').waitFor()
  expect(raised).toContain('grant.reuse_detected')
})

test('offline the session is kept, and goes on when the network is back; a sign-out is seen in the other tab', async () => {
  const page = await start()
  await signIn(page)
  const second = await secondTab(page)
  await click(page, 'Go offline')
  await click(page, 'Refresh now')
  await heard(page, 'No answer. Trying again')
  expect(raised).toEqual([])
  await click(page, 'Come back online')
  await seen(page, 'Generation 2: current.')
  await seen(second, 'Generation 2: current.')

  await second.reload()
  await seen(second, 'Generation 2: current.')
  await click(second, 'Sign out')
  for (const tab of [page, second]) await tab.getByText('Signed out.', { exact: true }).waitFor()
  await second.locator('#sign-in:focus').waitFor()
  expect(raised).toEqual(['grant.turned', 'grant.revoked'])
  expect(complaints).toEqual([])
})

test('who denies the request reads one sentence about it, and can sign in after all', async () => {
  const page = await start()
  await signIn(page, 'deny')
  const alert = page.getByRole('alert')
  await alert
    .getByText('You have denied the request, so this page has got no tokens.', { exact: true })
    .waitFor()
  await page.getByRole('button', { name: 'Sign in to begin' }).click()
  await page.locator('[name=decision][value=approve]').click()
  await seen(page, 'Generation 1: current.')
  expect(await alert.isVisible()).toBe(false)
  expect(complaints).toEqual([])
})

test('where the clients are those of a file, the page says that its own is not there', async () => {
  const page = await start({ demo: undefined, clients: [] })
  await page.goto(`${app.issuer}/demo/`)
  await page.getByRole('alert').getByText('The client of this demo is not here').waitFor()
  expect(await page.locator('.card:visible').count()).toBe(0)
  expect(complaints).toEqual([])
})

test('under the path of an issuer and at the root the demo is the one of the issuer', async () => {
  const page = await start({ path: '/tenant' })
  await page.goto(`${app.url}/demo`)
  await page.waitForURL(`${app.issuer}/demo/`)
  await signIn(page)
})

test('on the first page it takes three lines, on a screen 1280 pixels wide, to say what this is', async () => {
  const page = await start()
  await page.setViewportSize({ width: 1280, height: 800 })
  await page.goto(app.url)
  const lines = await page.locator('p.lead').evaluate((lead) => {
    const { height } = lead.getBoundingClientRect()
    return height / Number.parseFloat(getComputedStyle(lead).lineHeight)
  })
  expect(Math.round(lines)).toBe(3)
})

test('on the first page a button beside the lines for a shell copies them', async () => {
  const page = await start()
  await context.grantPermissions(['clipboard-read', 'clipboard-write'])
  await page.goto(app.url)
  await page.getByRole('button', { name: 'Copy' }).first().click()
  await page.getByRole('button', { name: 'Copied' }).waitFor()
  expect(await page.evaluate(() => navigator.clipboard.readText())).toContain(`BASE=${app.issuer}\n`)
  expect(await overflow(page)).toBe(0)
  expect(complaints).toEqual([])
  await page.getByRole('link', { name: 'Open the demo' }).click()
  await page.getByRole('button', { name: 'Sign in to begin' }).waitFor()
})
