import { runInNewContext } from 'node:vm'
import { authorizationRequest, Browser, locationOf } from './support/browser.js'
import { SamplePrograms, sampleOf } from './support/documented-code.js'
import { runApp } from './support/in-process.js'
import type { RunningApp } from './support/in-process.js'
import { callApi, postForm } from './support/tokens.js'

const page = 'docs/recipes.md'

function cookieOf(answer: Response): string {
  return answer.headers.getSetCookie()[0]?.split(';')[0] ?? ''
}

describe('where users are signed in', () => {
  const samples = new SamplePrograms(page, ['sessions'])
  beforeAll(() => samples.compile(), 60_000)

  test.each(['express', 'express4'] as const)('is shown and ended on %s', async (express) => {
    const url = await samples.run('sessions', express)
    const redirect_uri = 'https://app.example.com/cb'
    const signIn = async () => {
      const browser = new Browser(url)
      const request = authorizationRequest(url, { redirect_uri, scope: '' })
      const signedIn = await browser.signIn(await browser.get(request.url))
      const consent = await browser.get(locationOf(signedIn))
      const { searchParams } = new URL(locationOf(await browser.submit(consent, { decision: 'approve' })))
      const answer = await postForm(`${url}/oauth/token`, {
        grant_type: 'authorization_code',
        client_id: 'spa',
        code: searchParams.get('code') ?? '',
        redirect_uri,
        code_verifier: request.verifier,
      })
      expect(answer.status).toBe(200)
      return browser
    }
    await signIn()
    const browser = await signIn()
    const before = await (await browser.get('/account/sessions')).json()
    expect(before).toMatchObject({ sessions: [{ current: true }, { current: false }] })

    const toLogin = await new Browser(url).get('/account/sessions')
    expect(toLogin.headers.get('location')).toBe('/login?next=/account/sessions')
  })
})

describe('the refresh token in a cookie', () => {
  const samples = new SamplePrograms(page, ['cookie-session'])
  beforeAll(() => samples.compile(), 60_000)

  describe.each(['express', 'express4'] as const)('on %s', (express) => {
    const origin = 'https://app.example.com'
    let url: string
    beforeAll(async () => {
      url = await samples.run('cookie-session', express)
    })

    const post = (path: 'token' | 'revoke', headers: Readonly<Record<string, string>>) =>
      fetch(`${url}/oauth/${path}`, {
        method: 'POST',
        headers,
        body: new URLSearchParams({ grant_type: 'refresh_token', client_id: 'app' }),
      })
    const logIn = (password = 'wonderland') =>
      fetch(`${url}/api/login`, {
        method: 'POST',
        headers: { origin, 'content-type': 'application/json' },
        body: JSON.stringify({ username: 'alice', password }),
      })

    test('signs in: the access token is in the body, the refresh token in the cookie alone', async () => {
      const answer = await logIn()
      const body = (await answer.json()) as Record<string, unknown>
      expect(body).toMatchObject({ token_type: 'Bearer', scope: 'notes:read' })
      expect(body).not.toHaveProperty('refresh_token')
      expect(answer.headers.get('cache-control')).toBe('no-store')
      const [cookie] = answer.headers.getSetCookie()
      for (const attribute of ['HttpOnly', 'Secure', 'SameSite=Strict', 'Path=/oauth']) {
        expect(cookie).toContain(`; ${attribute}`)
      }
      expect(cookie).toContain(`; Max-Age=${String(body['refresh_token_expires_in'])};`)
      const notes = await callApi(url, '/notes', String(body['access_token']))
      expect(notes.body).toEqual({ owner: 'alice', notes: [] })
    })

    test('refuses a wrong password, and pages of other origins', async () => {
      expect((await logIn('no')).status).toBe(401)
      const cookie = cookieOf(await logIn())
      expect((await post('token', { origin: 'https://evil.example', cookie })).status).toBe(403)
      expect((await post('revoke', { cookie })).status).toBe(403)
      expect((await post('token', { origin, cookie })).status).toBe(200)
    })

    test('two tabs that refresh at once stay signed in', async () => {
      const cookie = cookieOf(await logIn())
      const answers = await Promise.all([1, 2].map(() => post('token', { origin, cookie })))
      expect(answers.map(({ status }) => status)).toEqual([200, 200])
      const [one, two] = answers.map(cookieOf)
      expect(one).toBe(two)
      expect((await post('token', { origin, cookie: one ?? '' })).status).toBe(200)
    })

    test('signing out ends the grant and takes the cookie away; so does a refresh after it', async () => {
      const cookie = cookieOf(await logIn())
      const out = await post('revoke', { origin, cookie })
      expect(out.status).toBe(200)
      const refused = await post('token', { origin, cookie })
      expect(refused.status).toBe(400)
      expect(await refused.json()).toMatchObject({ error: 'invalid_grant' })
      for (const answer of [out, refused]) {
        expect(answer.headers.getSetCookie()[0]).toMatch(/^__Secure-[\w-]+=; Max-Age=0; Path=\/oauth;/)
      }
    })
  })
})

interface Tab {
  readonly save: (tokens: unknown) => void
  readonly fetchSignedIn: (path: string) => Promise<Response>
}

describe('a fetch that stays signed in', () => {
  let app: RunningApp
  /** What all tabs share. */
  let stored: Map<string, string>
  let refreshes: number

  /** What a tab's `fetch` does; a test may lose an answer. */
  type Network = (path: string, init: RequestInit | undefined) => Promise<Response>
  const network: Network = async (path, init) => {
    if (path === '/oauth/token') refreshes += 1
    return fetch(`${app.url}${path}`, init)
  }

  beforeEach(async () => {
    app = await runApp()
    stored = new Map()
    refreshes = 0
  })
  afterEach(() => app.close())

  /** The token endpoint is out of order. */
  const down: Network = (path, init) =>
    path === '/oauth/token'
      ? Promise.resolve(Response.json({ error: 'temporarily_unavailable' }, { status: 503 }))
      : network(path, init)

  let locked: Promise<unknown> = Promise.resolve()
  function openTab(through: Network = network): Tab {
    const context = {
      localStorage: {
        getItem: (name: string) => stored.get(name) ?? null,
        setItem: (name: string, value: string) => void stored.set(name, value),
        removeItem: (name: string) => void stored.delete(name),
      },
      // Node has Web Locks from 24 on; this is what the recipe needs of them.
      navigator: {
        locks: {
          request: (_name: string, work: () => Promise<unknown>) => {
            const done = locked.then(work)
            locked = done.catch(() => undefined)
            return done
          },
        },
      },
      fetch: through,
      AbortSignal,
      crypto,
      Headers,
      URLSearchParams,
    }
    const code = sampleOf(page, 'browser-fetch').replaceAll(/^export /gm, '')
    return runInNewContext(`${code}\n;({ save, fetchSignedIn })`, context) as Tab
  }

  async function signIn(tab: Tab): Promise<void> {
    const redirect_uri = 'http://127.0.0.1:4567/callback'
    const { url, verifier } = authorizationRequest(app.url)
    const back = await new Browser(app.url).authorize(url)
    const fields = {
      grant_type: 'authorization_code',
      code: back.searchParams.get('code') ?? '',
      redirect_uri,
      code_verifier: verifier,
    }
    tab.save((await postForm(`${app.url}/oauth/token`, fields, { client: { id: 'spa' } })).body)
  }
  const tokens = () => JSON.parse(stored.get('tokens') ?? '{}') as Record<string, string>

  test('many calls of two tabs after the access token has expired make one refresh', async () => {
    const [one, two] = [openTab(), openTab()]
    await signIn(one)
    app.pass(901)
    const answers = await Promise.all(
      [one, two, one, two, one, two].map((tab) => tab.fetchSignedIn('/api/notes')),
    )
    expect(answers.map(({ status }) => status)).toEqual(Array(6).fill(200))
    expect(refreshes).toBe(1)
  })

  test('a lost reply is asked for again with the same key, by a page that was reloaded too', async () => {
    let lose = true
    const lossy: Network = async (path, init) => {
      const answer = await network(path, init)
      if (path === '/oauth/token' && lose) throw new TypeError('Failed to fetch')
      return answer
    }
    const tab = openTab(lossy)
    await signIn(tab)
    app.pass(901)
    await expect(tab.fetchSignedIn('/api/notes')).rejects.toThrow('Failed to fetch')
    await expect(openTab(lossy).fetchSignedIn('/api/notes')).rejects.toThrow('Failed to fetch')
    lose = false
    expect((await openTab(lossy).fetchSignedIn('/api/notes')).status).toBe(200)
    app.pass(901)
    expect((await tab.fetchSignedIn('/api/notes')).status).toBe(200)
    expect(refreshes).toBe(4)
  })

  test('an outage keeps the tokens; the end of the grant signs out', async () => {
    const tab = openTab(down)
    await signIn(tab)
    app.pass(901)
    await expect(tab.fetchSignedIn('/api/notes')).rejects.toThrow('temporarily_unavailable')
    expect(tokens()).toHaveProperty('refresh_token')

    await app.server.grants.revokeAll({ subject: 'alice' })
    await expect(openTab().fetchSignedIn('/api/notes')).rejects.toThrow('Nobody is signed in.')
    expect(stored.size).toBe(0)
  })

  test('a second 401 is handed to the caller', async () => {
    let calls = 0
    const tab = openTab((path, init) => {
      if (path === '/oauth/token') return network(path, init)
      calls += 1
      return Promise.resolve(new Response(null, { status: 401 }))
    })
    await signIn(tab)
    expect((await tab.fetchSignedIn('/api/notes')).status).toBe(401)
    expect(calls).toBe(2)
  })
})
