import { checkPassword } from '../src/users.js'
import { authorizationRequest, Browser, formOf, locationOf, textOf } from './support/browser.js'
import { runApp } from './support/in-process.js'
import type { RunningApp } from './support/in-process.js'
import { callApi, redeem, tokensOf } from './support/tokens.js'

jest.mock('../src/users.js', () => ({ checkPassword: jest.fn() }))
const users = jest.requireActual<{ checkPassword: typeof checkPassword }>('../src/users.js')

/** Holds back the look at each password until it is judged; `allThere` resolves when so many have come to it. */
function heldBackPasswords(count: number) {
  const held: { readonly password: string; readonly release: () => void }[] = []
  const allThere = new Promise<void>((done) => {
    jest.mocked(checkPassword).mockImplementation(async (username, password) => {
      await new Promise<void>((release) => {
        held.push({ password, release })
        if (held.length === count) done()
      })
      return users.checkPassword(username, password)
    })
  })
  return {
    allThere,
    judge: (wanted: string) => {
      for (const { password, release } of held) if (password === wanted) release()
    },
  }
}

let app: RunningApp
beforeEach(async () => {
  jest.mocked(checkPassword).mockImplementation(users.checkPassword)
  app = await runApp()
})
afterEach(() => app.close())

test('a user signs in, consents, and the client gets tokens for what they agreed to', async () => {
  const browser = new Browser(app.url)
  const { url, verifier } = authorizationRequest(app.issuer)

  const toSignIn = await browser.get(url)
  expect(toSignIn.status).toBe(303)
  const page = await browser.get(locationOf(toSignIn))
  // Chromium applies it to all redirects that follow, the client's own among them.
  expect(page.headers.get('content-security-policy')).not.toContain('form-action')
  const html = await page.clone().text()
  expect(html).toContain('<strong>Notes in the browser</strong>')
  expect(html).toMatch(
    /<label for="username">[\s\S]*name="username"[\s\S]*<label for="password">[\s\S]*name="password"/,
  )
  const signedIn = await browser.submit(page, { username: 'alice', password: 'wonderland' })
  expect(signedIn.status).toBe(303)
  const consent = await browser.get(locationOf(signedIn))
  expect(consent.status).toBe(200)
  expect(await consent.clone().text()).toContain('Write notes for you')
  const back = await browser.submit(consent, { decision: 'approve' })
  expect(back.status).toBe(303)
  const code = new URL(locationOf(back))
  expect(`${code.origin}${code.pathname}`).toBe('http://127.0.0.1:4567/callback')
  expect(code.searchParams.get('state')).toBe('a b&c')
  expect(code.searchParams.get('iss')).toBe(app.issuer)

  const answer = await redeem(app.url, code, verifier)
  expect(answer.body).toMatchObject({
    token_type: 'Bearer',
    scope: 'notes:read notes:write',
    expires_in: 900,
  })
  expect((await callApi(app.url, '/me', tokensOf(answer).access)).body).toMatchObject({
    sub: 'alice',
    client_id: 'spa',
  })
})

test('consent is asked once per client and scope in a browser session, and always with prompt=consent', async () => {
  const browser = new Browser(app.url)
  const read = authorizationRequest(app.issuer, { scope: 'notes:read' })
  const both = authorizationRequest(app.issuer)
  await browser.authorize(read.url)
  expect((await browser.get(read.url)).status).toBe(303)

  expect((await browser.get(both.url)).status).toBe(200)
  await browser.authorize(both.url)
  expect((await browser.get(both.url)).status).toBe(303)
  expect((await browser.get(read.url)).status).toBe(303)
  expect((await browser.get(authorizationRequest(app.issuer, { client_id: 'web' }).url)).status).toBe(200)
  expect((await browser.get(authorizationRequest(app.issuer, { prompt: 'consent' }).url)).status).toBe(200)
})

test('a refused consent goes back as access_denied, and is asked again the next time', async () => {
  const browser = new Browser(app.url)
  const { url } = authorizationRequest(app.issuer)
  const consent = await browser.get(locationOf(await browser.signIn(await browser.get(url))))
  const back = new URL(locationOf(await browser.submit(consent, { decision: 'deny' })))
  expect(back.searchParams.get('error')).toBe('access_denied')
  expect((await browser.get(url)).status).toBe(200)
})

test('prompt=none never shows a page', async () => {
  const browser = new Browser(app.url)
  const silent = authorizationRequest(app.issuer, { prompt: 'none' })
  const error = async () => new URL(locationOf(await browser.get(silent.url))).searchParams.get('error')
  expect(await error()).toBe('login_required')
  const { url } = authorizationRequest(app.issuer)
  await browser.signIn(await browser.get(url))
  expect(await error()).toBe('consent_required')
  await browser.authorize(url)
  expect(await error()).toBeNull()
})

test('prompt=login and an old sign-in under max_age ask for the password again', async () => {
  const browser = new Browser(app.url)
  await browser.authorize(authorizationRequest(app.issuer).url)
  app.pass(120)
  const login = await browser.get(authorizationRequest(app.issuer, { prompt: 'login' }).url)
  expect(locationOf(login)).toContain('/sign-in?')
  const again = await browser.get(locationOf(await browser.signIn(login)))
  expect(new URL(locationOf(again)).searchParams.has('code')).toBe(true)

  const recent = authorizationRequest(app.issuer, { max_age: '60' }).url
  expect(new URL(locationOf(await browser.get(recent))).searchParams.has('code')).toBe(true)
  app.pass(61)
  expect(locationOf(await browser.get(recent))).toContain('/sign-in?')
})

test('a wrong password is refused on the page, and an unknown user looks the same', async () => {
  const browser = new Browser(app.url)
  const { url } = authorizationRequest(app.issuer)
  const pages: string[] = []
  for (const username of ['alice', 'mallory']) {
    const refused = await browser.signIn(await browser.get(url), username, 'wrong')
    expect(refused.status).toBe(403)
    pages.push((await refused.text()).replace(`value="${username}"`, 'value="USER"'))
  }
  expect(pages[0]).toContain('The user name or the password is wrong.')
  expect(pages[0]).toBe(pages[1])
})

test('guessing is throttled per user and address: 429 with Retry-After, the right password too, for a minute', async () => {
  const browser = new Browser(app.url)
  const attempt = async (username: string, password: string) =>
    browser.submit(await browser.get('/sign-in'), { username, password })
  for (let count = 0; count < 10; count++) expect((await attempt('alice', 'wrong')).status).toBe(403)
  const over = await attempt('alice', 'wonderland')
  expect(over.status).toBe(429)
  expect(Number(over.headers.get('retry-after'))).toBeGreaterThan(0)
  expect((await attempt('bob', 'builder')).status).toBe(303)
  app.pass(61)
  expect((await attempt('alice', 'wonderland')).status).toBe(303)
})

test('guesses that arrive together are counted as those that come one by one', async () => {
  const browser = new Browser(app.url)
  const { action, fields } = formOf(await (await browser.get('/sign-in')).text())
  const guess = (password: string) => browser.post(action, { ...fields, username: 'alice', password })
  const { allThere, judge } = heldBackPasswords(31)
  const wrong = Array.from({ length: 30 }, () => guess('wrong'))
  const right = guess('wonderland')
  // None of them found a count: all have gone on to the look at their password.
  await allThere

  judge('wrong')
  const statuses = (await Promise.all(wrong)).map((answer) => answer.status)
  expect(statuses.filter((status) => status === 403)).toHaveLength(10)
  expect(statuses.filter((status) => status === 429)).toHaveLength(20)
  judge('wonderland')
  expect((await right).status).toBe(429)
})

test('a form of the same origin is taken whatever cookie came between: two tabs on a first visit', async () => {
  const [first, second] = [new Browser(app.url), new Browser(app.url)]
  const { action, fields } = formOf(await (await first.get('/sign-in')).text())
  await second.get('/sign-in')
  // One browser: the cookie of the second tab has replaced that of the first.
  const cookie = [...second.cookies].map(([name, value]) => `${name}=${value}`).join('; ')
  const post = (site: string) =>
    fetch(`${app.url}${action}`, {
      method: 'POST',
      redirect: 'manual',
      headers: { cookie, 'sec-fetch-site': site },
      body: new URLSearchParams({ ...fields, username: 'alice', password: 'wonderland' }),
    })
  expect((await post('cross-site')).status).toBe(403)
  expect((await post('same-site')).status).toBe(403)
  expect((await post('same-origin')).status).toBe(303)
})

test('the consent page says who is signed in, and lets somebody else sign in for the same request', async () => {
  const browser = new Browser(app.url)
  const { url, verifier } = authorizationRequest(app.issuer)
  const consent = await browser.get(locationOf(await browser.signIn(await browser.get(url))))
  const html = await consent.text()
  expect(html).toContain('You are signed in as <strong><bdi>alice</bdi></strong>.')
  const notYou = textOf(/<a href="([^"]+)">Not you\?</.exec(html)?.[1])
  app.pass(30)

  const toSignIn = await browser.get(notYou)
  expect(locationOf(toSignIn)).toMatch(/^\/sign-in\?return_to=/)
  const back = await browser.get(locationOf(await browser.signIn(toSignIn, 'bob', 'builder')))
  expect(await back.clone().text()).toContain('<bdi>bob</bdi>')
  const code = new URL(locationOf(await browser.submit(back, { decision: 'approve' })))
  expect(code.searchParams.get('state')).toBe('a b&c')
  const tokens = tokensOf(await redeem(app.url, code, verifier))
  expect((await callApi(app.url, '/me', tokens.access)).body).toMatchObject({ sub: 'bob' })
})

test('a sign-in form works only in the browser that it was given to', async () => {
  const attacker = new Browser(app.url)
  const { action, fields } = formOf(await (await attacker.get('/sign-in')).text())
  const filled = { ...fields, username: 'alice', password: 'wonderland' }
  const victim = new Browser(app.url)
  for (const attempt of [filled, { ...filled, form_token: '' }]) {
    const refused = await victim.post(action, attempt)
    expect(refused.status).toBe(403)
    expect(await refused.text()).not.toContain('signed in as')
  }
  await victim.get('/sign-in')
  expect((await victim.post(action, filled)).status).toBe(403)
  expect((await attacker.post(action, filled)).status).toBe(303)
})

test('signing in changes the session: what a cookie or a form held before is good for nothing', async () => {
  const browser = new Browser(app.url)
  const { fields } = formOf(await (await browser.get('/sign-in')).text())
  const before = browser.copy()
  const { url } = authorizationRequest(app.issuer)
  await browser.signIn(await browser.get(url))
  expect([...browser.cookies.values()]).not.toEqual([...before.cookies.values()])
  expect(locationOf(await before.get(url))).toContain('/sign-in?')
  expect((await browser.post('/sign-out', fields)).status).toBe(403)
})

test.each([
  'https://evil.example/',
  '//evil.example/oauth/authorize?client_id=spa',
  '/\\evil.example',
  '/oauth/authorize',
  '/oauth/authorizer?client_id=spa',
  '/oauth/authorize?client_id=nobody',
  // As long as the path of the authorization endpoint, with a request that it would take.
  '//evil.example/a?client_id=spa&redirect_uri=http%3A%2F%2F127.0.0.1%2Fcallback',
  '/oauth/authorize?client_id=spa&redirect_uri=https%3A%2F%2Fevil.example%2F',
  '/oauth/authorize/../../evil?client_id=spa',
  'javascript:alert(1)',
])('return_to=%s leads nowhere: the first page', async (returnTo) => {
  const browser = new Browser(app.url)
  const page = await browser.get(`/sign-in?return_to=${encodeURIComponent(returnTo)}`)
  const answer = await browser.submit(page, {
    username: 'alice',
    password: 'wonderland',
    return_to: returnTo,
  })
  expect(answer.status).toBe(303)
  expect(locationOf(answer)).toBe('/')
})

test('what comes from outside is escaped on the page', async () => {
  const hint = '"><script>alert(1)</script>'
  const { url } = authorizationRequest(app.issuer, { login_hint: hint })
  const browser = new Browser(app.url)
  const html = await (await browser.get(locationOf(await browser.get(url)))).text()
  expect(html).toContain('value="&quot;&gt;&lt;script&gt;alert(1)&lt;/script&gt;"')
  const callback = await browser.get(`/callback?code=$(touch%20x)&iss=${encodeURIComponent(app.issuer)}`)
  expect(await callback.text()).not.toContain('touch')
})

test('session cookies are HttpOnly and SameSite=Lax, and Secure with __Host- under an https issuer', async () => {
  const plain = new Browser(app.url)
  await plain.get('/sign-in')
  expect(plain.setCookies).toHaveLength(2)
  for (const cookie of plain.setCookies) {
    expect(cookie).toMatch(/; httponly/i)
    expect(cookie).toMatch(/; samesite=lax/i)
  }

  const behindTls = await runApp({ issuer: 'https://auth.example.com' })
  const browser = new Browser(behindTls.url)
  const answer = await browser.submit(await browser.get('/sign-in'), {
    username: 'alice',
    password: 'wonderland',
  })
  expect(answer.status).toBe(303)
  expect(browser.setCookies.length).toBeGreaterThan(2)
  for (const cookie of browser.setCookies) {
    expect(cookie).toMatch(/^__Host-/)
    expect(cookie).toMatch(/; path=\/;/i)
    expect(cookie).toMatch(/; secure/i)
    expect(cookie).toMatch(/; httponly/i)
  }
  expect(answer.headers.get('strict-transport-security')).not.toBeNull()
  await behindTls.close()
})

test('a session is over after eight hours', async () => {
  const browser = new Browser(app.url)
  const { url } = authorizationRequest(app.issuer)
  await browser.authorize(url)
  app.pass(8 * 3600 + 1)
  expect(locationOf(await browser.get(url))).toContain('/sign-in?')
})
