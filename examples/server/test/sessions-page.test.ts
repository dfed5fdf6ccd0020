import { launchBrowser } from '@oauth-ratchet/browser'
import { createServer } from 'node:http'
import type { Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { Browser, BrowserContext, Page } from 'playwright-core'
import { authorizationRequest } from './support/browser.js'
import { runApp } from './support/in-process.js'
import type { RunningApp } from './support/in-process.js'

jest.setTimeout(90_000)

const iPhone =
  'Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.0 Mobile/15E148 Safari/604.1'

let browser: Browser
/** One page on another port: the same site, so that cookies go along, and another origin. */
let foreign: Server
beforeAll(async () => {
  browser = await launchBrowser()
  foreign = createServer((_req, res) => {
    res.setHeader('content-type', 'text/html').end('<!doctype html><title>other</title>')
  })
  await new Promise<void>((resolve) => void foreign.listen(0, '127.0.0.1', resolve))
})
afterAll(async () => {
  await browser.close()
  foreign.closeAllConnections()
  await new Promise((resolve) => foreign.close(resolve))
})

let app: RunningApp
const contexts: BrowserContext[] = []
beforeEach(async () => {
  app = await runApp()
})
afterEach(async () => {
  for (const context of contexts.splice(0)) await context.close()
})

/** A browser of its own, signed in to the client `spa`; without script unless a test needs it. */
async function device(options: { userAgent?: string; script?: boolean } = {}) {
  const { userAgent, script = false } = options
  const context = await browser.newContext({
    javaScriptEnabled: script,
    ...(userAgent !== undefined && { userAgent }),
  })
  contexts.push(context)
  const page = await context.newPage()
  const redirectUri = `${app.issuer}/callback`
  const { url, verifier } = authorizationRequest(app.issuer, { redirect_uri: redirectUri })
  await page.goto(url)
  await signIn(page)
  await page.locator('[name=decision][value=approve]').click()
  const code = new URL(page.url()).searchParams.get('code') ?? ''
  const answer = await fetch(`${app.issuer}/oauth/token`, {
    method: 'POST',
    body: new URLSearchParams({
      grant_type: 'authorization_code',
      client_id: 'spa',
      code,
      redirect_uri: redirectUri,
      code_verifier: verifier,
    }),
  })
  const { access_token } = (await answer.json()) as { access_token: string }
  const isAlive = async () => {
    const me = await fetch(`${app.issuer}/api/me`, { headers: { authorization: `Bearer ${access_token}` } })
    return me.status === 200
  }
  return { page, context, isAlive }
}

async function signIn(page: Page): Promise<void> {
  await page.locator('[name=username]').fill('alice')
  await page.locator('[name=password]').fill('wonderland')
  await page.locator('[name=password]').press('Enter')
}

const sessionsPage = () => `${app.issuer}/account/sessions`
const headings = (page: Page) => page.locator('h2').allInnerTexts()

describe('the page of sessions, without script', () => {
  test('shows this browser and another device, ends that one, and says so', async () => {
    const phone = await device({ userAgent: iPhone })
    const { page, isAlive } = await device()
    await page.goto(sessionsPage())
    expect(await headings(page)).toEqual(['Chrome on Linux This one', 'Safari on iPhone'])

    await page.getByRole('button', { name: 'Sign out: Safari on iPhone, Notes in the browser' }).click()

    expect(await page.getByRole('status').innerText()).toBe('It has been signed out.')
    expect(await headings(page)).toEqual(['Chrome on Linux This one'])
    expect([await phone.isAlive(), await isAlive()]).toEqual([false, true])
  })

  test('ends all others; a reload after that posts nothing again', async () => {
    const others = [await device({ userAgent: iPhone }), await device()]
    const { page, isAlive } = await device()
    await page.goto(sessionsPage())
    await page.getByRole('button', { name: 'Sign out everywhere else' }).click()
    expect(await page.getByRole('status').innerText()).toBe('Signed out elsewhere: 2.')
    const later = await device({ userAgent: iPhone })

    await page.reload()

    expect([...(await Promise.all(others.map((other) => other.isAlive()))), await isAlive()]).toEqual([
      false,
      false,
      true,
    ])
    expect(await later.isAlive()).toBe(true)
  })

  test('of two tabs, the second to end a session is told that it was over', async () => {
    await device({ userAgent: iPhone })
    const { page, context } = await device()
    const second = await context.newPage()
    for (const tab of [page, second]) await tab.goto(sessionsPage())
    const button = { name: /Sign out: Safari on iPhone/ }
    await page.getByRole('button', button).click()

    await second.getByRole('button', button).click()

    expect(await second.getByRole('status').innerText()).toBe('That one was signed out already.')
    expect(await headings(second)).toEqual(['Chrome on Linux This one'])
  })

  test('asks for a sign-in first, and is come back to after it', async () => {
    const context = await browser.newContext({ javaScriptEnabled: false })
    contexts.push(context)
    const page = await context.newPage()
    await page.goto(sessionsPage())
    await signIn(page)
    expect(page.url()).toBe(sessionsPage())
    expect(await page.locator('main').innerText()).toContain('No app or device is signed in.')
  })

  test('fits a phone and a desk, with every button reached by the keyboard', async () => {
    const { page } = await device()
    for (const width of [320, 380, 1280]) {
      await page.setViewportSize({ width, height: 800 })
      await page.goto(sessionsPage())
      const { width: content = 0 } = (await page.locator('main').boundingBox()) ?? {}
      expect(content).toBeLessThanOrEqual(width)
    }
    await page.keyboard.press('Tab')
    await page.keyboard.press('Enter')
    expect(await page.getByRole('status').innerText()).toBe('It has been signed out.')
  })
})

test.each(['others', 'one'])(
  'a foreign page of the same site cannot end %s, by a form or a script',
  async (end) => {
    const phone = await device({ userAgent: iPhone })
    const { page, isAlive } = await device({ script: true })
    await page.goto(sessionsPage())
    const id = (await page.locator('[name=id]').last().getAttribute('value')) ?? ''
    await page.goto(`http://127.0.0.1:${(foreign.address() as AddressInfo).port}/`)

    // The session's cookie goes along: another port is the same site.
    const byScript = await page.evaluate(
      ([url, method]) => fetch(url, { method, credentials: 'include' }).then(String, () => 'refused'),
      [end === 'one' ? `${sessionsPage()}/${id}` : sessionsPage(), 'DELETE'] as const,
    )
    const answered = page.waitForResponse((response) => response.request().method() === 'POST')
    await page.evaluate(
      ([action, fields]) => {
        const form = document.createElement('form')
        Object.assign(form, { method: 'POST', action })
        for (const [name, value] of Object.entries(fields)) {
          const input = document.createElement('input')
          Object.assign(input, { type: 'hidden', name, value })
          form.append(input)
        }
        document.body.append(form)
        form.submit()
      },
      [sessionsPage(), { end, id }] as const,
    )

    expect(byScript).toBe('refused')
    expect((await answered).status()).toBe(403)
    await page.getByRole('alert').waitFor()
    expect(await page.getByRole('alert').innerText()).toContain('nothing was signed out')
    expect([await phone.isAlive(), await isAlive()]).toEqual([true, true])
  },
)
