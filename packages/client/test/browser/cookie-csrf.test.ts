import { createServer } from 'node:http'
import type { Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { launchBrowser } from '@oauth-ratchet/browser'
import type { Browser, BrowserContext, Page } from 'playwright-core'
import { logInIn, openPage, startServiceWithPages } from '../setup/browser-tabs'
import type { PageGlobals } from '../setup/browser-tabs'
import type { Service } from '../setup/service'

jest.setTimeout(120_000)

// Chromium takes every name below `localhost` for this machine. `localhost` itself is like a top-level domain: `app.localhost`
// is a site, and `evil.localhost` another.
const issuerHost = 'auth.app.localhost'

let browser: Browser
let others: Server
/** The port of pages that are not the issuer's: one empty page, whatever the host. */
let port: number
beforeAll(async () => {
  browser = await launchBrowser()
  others = createServer((_req, res) => {
    res.setHeader('content-type', 'text/html').end('<!doctype html><title>other</title>')
  })
  await new Promise<void>((resolve) => others.listen(0, '127.0.0.1', resolve))
  port = (others.address() as AddressInfo).port
})
afterAll(async () => {
  await browser.close()
  others.closeAllConnections()
  await new Promise((resolve) => others.close(resolve))
})

let service: Service
let context: BrowserContext
let own: Page
beforeEach(async () => {
  service = await startServiceWithPages(
    {},
    {
      cookie: true,
      host: issuerHost,
      client: { reuse_grace: 0, allowed_origins: [`http://www.app.localhost:${port}`] },
    },
  )
  context = await browser.newContext()
  own = await openPage(context, service, { store: 'cookie' })
  await logInIn(own)
})
afterEach(async () => {
  await context.close()
  await service.close()
})

type Fields = Readonly<Record<string, string>>

// The pair of RFC 7636 Appendix B.
const verifier = 'dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk'
const challenge = 'E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM'

/** A token request with a code of the attacker's own, that would sign the user in as somebody else. */
async function loginRequest(): Promise<Fields> {
  const redirectUri = `${service.issuer}/page`
  const query = new URLSearchParams({
    response_type: 'code',
    client_id: 'app',
    redirect_uri: redirectUri,
    code_challenge: challenge,
    code_challenge_method: 'S256',
  })
  const answer = await fetch(`http://127.0.0.1:${new URL(service.issuer).port}/oauth/authorize?${query}`, {
    redirect: 'manual',
  })
  const code = new URL(answer.headers.get('location') ?? '').searchParams.get('code') ?? ''
  return {
    grant_type: 'authorization_code',
    client_id: 'app',
    code,
    redirect_uri: redirectUri,
    code_verifier: verifier,
  }
}

const ways = ['fetch cors', 'fetch no-cors', 'form', 'form without referrer', 'form in a frame'] as const

/** Sends a form in one of these ways from a page; the status that the server answers with. */
async function send(page: Page, way: (typeof ways)[number], url: string, fields: Fields): Promise<number> {
  const answered = service.nextAnswer()
  await page.evaluate(
    ([how, action, pairs]) => {
      if (how.startsWith('fetch')) {
        void fetch(action, {
          method: 'POST',
          mode: how === 'fetch cors' ? 'cors' : 'no-cors',
          credentials: 'include',
          body: new URLSearchParams(pairs),
        }).catch(() => {})
        return
      }
      const form = document.createElement('form')
      Object.assign(form, { method: 'POST', action })
      if (how === 'form without referrer') form.rel = 'noreferrer'
      if (how === 'form in a frame') {
        const frame = document.createElement('iframe')
        frame.name = 'frame'
        document.body.append(frame)
        form.target = 'frame'
      }
      for (const [name, value] of Object.entries(pairs)) {
        const input = document.createElement('input')
        Object.assign(input, { type: 'hidden', name, value })
        form.append(input)
      }
      document.body.append(form)
      form.submit()
    },
    [way, url, fields] as const,
  )
  const status = await answered
  // The page itself has gone there.
  if (way === 'form' || way === 'form without referrer') await page.waitForURL(url)
  return status
}

const refresh: Fields = { grant_type: 'refresh_token', client_id: 'app' }

test.each([
  ['of another site', 'evil.localhost', 'cross-site'],
  ['of a sibling host of the same site', 'blog.app.localhost', 'same-site'],
  ['of another port of the same host', issuerHost, 'same-site'],
])('CSRF: a page %s can neither refresh, revoke nor sign in', async (_of, host, site) => {
  const before = await context.cookies()
  const login = await loginRequest()
  const origin = `http://${host}:${port}`
  const page = await context.newPage()
  const requests: readonly (readonly [string, Fields])[] = [
    ['token', refresh],
    ['revoke', { client_id: 'app' }],
    ['token', login],
  ]
  for (const way of ways) {
    for (const [endpoint, fields] of requests) {
      // After a form the page or its frame is where the form went.
      if (way.startsWith('form') || page.url() === 'about:blank') await page.goto(origin)
      expect([way, endpoint, await send(page, way, `${service.issuer}/oauth/${endpoint}`, fields)]).toEqual([
        way,
        endpoint,
        403,
      ])
    }
  }

  expect(new Set(service.refreshes.map((request) => request.site))).toEqual(new Set([site]))
  // SameSite does nothing against a sibling: these requests had the user's cookie.
  expect(new Set(service.refreshes.map(({ cookie }) => cookie))).toEqual(new Set([site === 'same-site']))
  expect(service.events).toEqual([])
  expect(await context.cookies()).toEqual(before)
  const renewed = await own.evaluate(async () => {
    const { client } = globalThis as unknown as PageGlobals
    const rejected = (await client.getAccessToken()) ?? ''
    return typeof (await client.getAccessToken({ rejected }))
  })
  expect([renewed, service.events]).toEqual(['string', ['grant.turned']])
  expect(service.refreshes.at(-1)).toMatchObject({ site: 'same-origin', cookie: true })
  // The code was not used up either.
  expect(await send(own, 'fetch cors', `${service.issuer}/oauth/token`, login)).toBe(200)
})

test.each([
  ["the issuer's origin", issuerHost, 'same-origin'],
  ["an origin of the client's", 'www.app.localhost', 'same-site'],
])('a page of %s refreshes and revokes', async (_of, host, site) => {
  const page = await context.newPage()
  await page.goto(host === issuerHost ? `${service.issuer}/page` : `http://${host}:${port}`)
  const post = (endpoint: string, fields: Fields): Promise<unknown> =>
    page.evaluate(
      async ([url, pairs]) => {
        const body = new URLSearchParams(pairs)
        const answer = await fetch(url, { method: 'POST', credentials: 'include', body })
        return Object.keys((await answer.json()) as object)
      },
      [`${service.issuer}/oauth/${endpoint}`, fields] as const,
    )

  expect(await post('token', refresh)).toContain('access_token')
  expect(await post('token', refresh)).not.toContain('refresh_token')
  expect(service.refreshes.map((request) => request.site)).toEqual([site, site])
  expect(service.events).toEqual(['grant.turned', 'grant.turned'])
  expect(await post('revoke', { client_id: 'app' })).toEqual([])
  expect(service.events).toContain('grant.revoked')
  expect(await context.cookies()).toEqual([])
})
