import { MemoryStorage, StorageError } from '@oauth-ratchet/core'
import { authorizationRequest, Browser, locationOf } from './support/browser.js'
import { runApp } from './support/in-process.js'
import type { RunningApp } from './support/in-process.js'
import { callApi, postForm, redeem, tokensOf } from './support/tokens.js'

let app: RunningApp
beforeEach(async () => {
  app = await runApp()
})
afterEach(() => app.close())

function refreshSpa(token: string) {
  const fields = { grant_type: 'refresh_token', refresh_token: token }
  return postForm(`${app.url}/oauth/token`, fields, { client: { id: 'spa' } })
}

async function signOut(browser: Browser): Promise<Response> {
  return browser.submit(await browser.get('/'), {})
}

test('signing out ends the session, its grants and its unredeemed codes, and none of another browser', async () => {
  const { url, verifier } = authorizationRequest(app.issuer)
  const [here, elsewhere] = [new Browser(app.url), new Browser(app.url)]
  const mine = tokensOf(await redeem(app.url, await here.authorize(url), verifier))
  const others = tokensOf(await redeem(app.url, await elsewhere.authorize(url), verifier))
  const unredeemed = await here.authorize(url)

  const copy = here.copy()
  expect((await signOut(here)).status).toBe(303)
  expect((await refreshSpa(mine.refresh)).body['error']).toBe('invalid_grant')
  expect((await callApi(app.url, '/me', mine.access)).status).toBe(401)
  expect((await redeem(app.url, unredeemed, verifier)).body['error']).toBe('invalid_grant')
  expect((await refreshSpa(others.refresh)).status).toBe(200)

  expect(locationOf(await here.get(url))).toContain('/sign-in?')
  // A cookie that was copied before is no session either.
  expect(locationOf(await copy.get(url))).toContain('/sign-in?')
})

test('signing out reaches grants from before the same user signed in again', async () => {
  const browser = new Browser(app.url)
  const { url, verifier } = authorizationRequest(app.issuer)
  const before = tokensOf(await redeem(app.url, await browser.authorize(url), verifier))
  app.pass(5)
  await browser.authorize(authorizationRequest(app.issuer, { prompt: 'login' }).url)
  await signOut(browser)
  expect((await refreshSpa(before.refresh)).body['error']).toBe('invalid_grant')
})

test('signing out needs a form of this browser', async () => {
  const browser = new Browser(app.url)
  const { url } = authorizationRequest(app.issuer)
  await browser.authorize(url)
  expect((await browser.post('/sign-out', { form_token: 'x' })).status).toBe(403)
  expect((await browser.get(url)).status).toBe(303)
  expect(locationOf(await browser.get(url))).toContain('code=')
})

test('signing out is a 503 while the store cannot be reached, and works afterwards', async () => {
  await app.close()
  const storage = new MemoryStorage()
  app = await runApp({ storage })
  const browser = new Browser(app.url)
  await browser.authorize(authorizationRequest(app.issuer).url)
  const mark = jest.spyOn(storage.values, 'mark').mockRejectedValue(new StorageError('gone'))
  const failed = await signOut(browser)
  expect(failed.status).toBe(503)
  expect(failed.headers.get('retry-after')).toBe('1')
  mark.mockRestore()
  expect((await signOut(browser)).status).toBe(303)
})

test('after a sign-out whose answer was lost the next sign-in is a session again, with new grants', async () => {
  const browser = new Browser(app.url)
  const { url, verifier } = authorizationRequest(app.issuer)
  const before = tokensOf(await redeem(app.url, await browser.authorize(url), verifier))
  // The sign-out is sent with this browser's cookie, and the browser never sees the answer.
  await signOut(browser.copy())

  const toSignIn = await browser.get(url)
  expect(locationOf(toSignIn)).toContain('/sign-in?')
  const back = await browser.get(locationOf(await browser.signIn(toSignIn)))
  // Not the sign-in page again. What was consented to in the session that has ended is asked again.
  expect(back.status).toBe(200)
  const code = new URL(locationOf(await browser.submit(back, { decision: 'approve' })))
  const after = tokensOf(await redeem(app.url, code, verifier))
  expect((await refreshSpa(before.refresh)).body['error']).toBe('invalid_grant')
  expect((await refreshSpa(after.refresh)).status).toBe(200)
})

test('a sign-out that stopped halfway can be finished: the grants end with the second try', async () => {
  const browser = new Browser(app.url)
  const { url, verifier } = authorizationRequest(app.issuer)
  const tokens = tokensOf(await redeem(app.url, await browser.authorize(url), verifier))
  const revokeAll = jest.spyOn(app.server.grants, 'revokeAll').mockRejectedValue(new StorageError('gone'))
  expect((await signOut(browser)).status).toBe(503)
  revokeAll.mockRestore()
  expect((await signOut(browser)).status).toBe(303)
  expect((await refreshSpa(tokens.refresh)).body['error']).toBe('invalid_grant')
})
