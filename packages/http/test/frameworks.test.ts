import { authorizationPath, issuer, makeServer, redirectUri, verifier } from './setup/authorization-server.js'
import { answerOf, Browser, postForm } from './setup/http-client.js'
import { closeAll, listening } from './setup/listening.js'
import { mountedApps } from './setup/mounted-apps.js'

afterEach(closeAll)

type Tokens = Readonly<Record<'access_token' | 'refresh_token', string>>

const refresh = (url: string, { refresh_token }: Tokens) =>
  postForm(`${url}/oauth/token`, { grant_type: 'refresh_token', client_id: 'spa', refresh_token })

const notes = async (url: string, { access_token }: Tokens) =>
  answerOf(await fetch(`${url}/notes`, { headers: { authorization: `Bearer ${access_token}` } }))

/** Signs in at the app, consents on the built-in page, and redeems the code. */
async function signIn(url: string): Promise<Tokens> {
  const browser = new Browser(url)
  const away = await browser.get(authorizationPath)
  expect(away.headers.get('location')).toMatch(/^\/login\?returnTo=/)
  const login = await browser.get(away.headers.get('location') ?? '')
  const page = await browser.get(login.headers.get('location') ?? '')
  expect(page.text).toContain('Read your notes')
  const form = /action="([^"]+)"[^]*name="ratchet_consent" value="([^"]+)"/.exec(page.text)
  const back = await browser.post(form?.[1] ?? '', { ratchet_consent: form?.[2] ?? '', decision: 'approve' })
  const code = new URL(back.headers.get('location') ?? '').searchParams.get('code') ?? ''
  const redeem = { grant_type: 'authorization_code', client_id: 'spa', code, redirect_uri: redirectUri }
  const { status, body } = await postForm(`${url}/oauth/token`, { ...redeem, code_verifier: verifier })
  expect(status).toBe(200)
  return body as Tokens
}

describe.each(Object.entries(mountedApps))('in front of %s', (_name, mount) => {
  const start = async () => {
    const server = makeServer()
    server.on('grant.reuse_detected', () => {})
    return listening(await mount(server))
  }

  test('a user signs in, and the refresh token rotates at every use', async () => {
    const url = await start()
    const first = await signIn(url)
    const second = await refresh(url, first)
    expect(second.status).toBe(200)
    expect(second.headers.get('cache-control')).toBe('no-store')
    const third = await refresh(url, second.body as Tokens)
    expect((await notes(url, third.body as Tokens)).body).toEqual({ owner: 'alice' })
  })

  test('a replayed refresh token ends the grant, the access tokens in use too', async () => {
    const url = await start()
    const first = await signIn(url)
    const second = (await refresh(url, first)).body as Tokens
    expect((await refresh(url, first)).body).toMatchObject({ error: 'invalid_grant' })
    expect((await refresh(url, second)).body).toMatchObject({ error: 'invalid_grant' })
    const refused = await notes(url, second)
    expect(refused.status).toBe(401)
    expect(refused.headers.get('www-authenticate')).toContain('error="invalid_token"')
  })

  test('a revoked refresh token is of no use any more', async () => {
    const url = await start()
    const tokens = await signIn(url)
    const revoked = await postForm(`${url}/oauth/revoke`, { client_id: 'spa', token: tokens.refresh_token })
    expect(revoked.status).toBe(200)
    expect((await refresh(url, tokens)).body).toMatchObject({ error: 'invalid_grant' })
    expect((await notes(url, tokens)).status).toBe(401)
  })

  test('metadata and keys are found', async () => {
    const url = await start()
    const metadata = await answerOf(await fetch(`${url}/.well-known/oauth-authorization-server`))
    expect(metadata.body).toMatchObject({ issuer, token_endpoint: `${issuer}/oauth/token` })
    expect((await fetch(`${url}/oauth/jwks`)).status).toBe(200)
  })

  test("the app's own routes get their requests untouched: bodies, guards, and a 404 of its own", async () => {
    const url = await start()
    const sent = { text: 'x'.repeat(100_000) }
    const echo = await fetch(`${url}/echo`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(sent),
    })
    expect(await echo.json()).toEqual(sent)
    const guarded = await answerOf(await fetch(`${url}/notes`))
    expect([guarded.status, guarded.headers.get('www-authenticate')]).toEqual([
      401,
      `Bearer realm="${issuer}", scope="read"`,
    ])
    const missing = await answerOf(await fetch(`${url}/oauth/nothing`))
    expect([missing.status, missing.text]).toEqual([404, 'no such page of the app'])
  })
})
