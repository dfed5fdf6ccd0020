import { authorizationRequest, Browser } from './support/browser.js'
import { SamplePrograms, sampleOf } from './support/documented-code.js'
import { answerOf, callApi, postForm, tokensOf } from './support/tokens.js'

const names = ['authorization-endpoint', 'own-login']
const samples = new SamplePrograms('README.md', names)
beforeAll(() => samples.compile(), 60_000)

test.each(names)('%s: the code in the README has under 25 lines', (name) => {
  const lines = sampleOf('README.md', name).trimEnd().split('\n')
  expect(lines.length).toBeLessThan(25)
})

test('authorization-endpoint: a browser signs in at the app, consents, and the client gets tokens that rotate, for two tabs as well', async () => {
  const url = await samples.run('authorization-endpoint')
  const browser = new Browser(url)
  const redirect_uri = 'https://spa.example.com/callback'
  const { url: request, verifier } = authorizationRequest('', { redirect_uri, scope: 'notes:read' })
  const login = await browser.signIn(await browser.get(request))
  const consent = await browser.get(login.headers.get('location') ?? '')
  expect(await consent.clone().text()).toContain('Read your notes')
  const back = await browser.submit(consent, { decision: 'approve' })
  const code = new URL(back.headers.get('location') ?? '')
  expect(code.href).toMatch(/^https:\/\/spa\.example\.com\/callback\?code=/)

  const redeem = {
    grant_type: 'authorization_code',
    code: code.searchParams.get('code') ?? '',
    redirect_uri,
    code_verifier: verifier,
  }
  await expectRotation(
    url,
    'spa',
    tokensOf(await postForm(`${url}/oauth/token`, redeem, { client: { id: 'spa' } })),
  )
  const metadata = await fetch(`${url}/.well-known/oauth-authorization-server`)
  expect(await metadata.json()).toMatchObject({ issuer: 'https://app.example.com' })
})

test("own-login: the app's route hands out first tokens, and they rotate, for two tabs as well", async () => {
  const url = await samples.run('own-login')
  const login = async (password: string) => {
    const body = JSON.stringify({ username: 'alice', password })
    const headers = { 'content-type': 'application/json' }
    return answerOf(await fetch(`${url}/api/login`, { method: 'POST', headers, body }))
  }
  expect((await login('wrong')).status).toBe(401)
  const empty = await fetch(`${url}/api/login`, { method: 'POST' })
  expect(empty.status).toBe(401)
  const first = await login('wonderland')
  expect(first.headers.get('cache-control')).toBe('no-store')
  await expectRotation(url, 'app', tokensOf(first))
  const refused = await callApi(url, '/notes', 'nonsense')
  expect(refused).toMatchObject({ status: 401, body: { error: 'invalid_token' } })
})

async function expectRotation(
  url: string,
  id: string,
  first: { access: string; refresh: string },
): Promise<void> {
  const refresh = (token: string) =>
    postForm(`${url}/oauth/token`, { grant_type: 'refresh_token', refresh_token: token }, { client: { id } })
  const notes = async (token: string) =>
    (await fetch(`${url}/api/notes`, { headers: { authorization: `Bearer ${token}` } })).status

  expect((await callApi(url, '/notes', first.access)).body).toEqual({ owner: 'alice', notes: [] })
  const second = tokensOf(await refresh(first.refresh))
  expect(await notes(second.access)).toBe(200)
  // A second tab gets the same successor (reuse_grace); a token that is older than that ends the grant.
  expect(tokensOf(await refresh(first.refresh)).refresh).toBe(second.refresh)
  const third = tokensOf(await refresh(second.refresh))
  expect((await refresh(first.refresh)).body['error']).toBe('invalid_grant')
  expect((await refresh(third.refresh)).body['error']).toBe('invalid_grant')
  expect(await notes(third.access)).toBe(401)
}
