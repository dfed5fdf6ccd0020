import { createServer } from 'node:http'
import type { Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { createClient } from '@oauth-ratchet/client'
import type { ClientOptions } from '@oauth-ratchet/client'
import { createAuthorizationServer, MemoryStorage } from '@oauth-ratchet/core'
import type { AuthorizationServer } from '@oauth-ratchet/core'
import { oauthRouter, sendTokens, wellKnownRouter } from '@oauth-ratchet/express'
import express from 'express'

let http: Server
let server: AuthorizationServer
let issuer: string
/** The server's clock. */
let clock: number
/** Whether the router names the client. */
let named: boolean
/** The browser's cookies: their names and values. */
let jar: Map<string, string>

/** What a browser adds to the requests of a page of the issuer's origin. */
const browserFetch: typeof fetch = async (input, init) => {
  const headers = new Headers(init?.headers)
  headers.set('origin', issuer)
  if (init?.credentials === 'include' && jar.size > 0) {
    headers.set('cookie', [...jar].map((pair) => pair.join('=')).join('; '))
  }
  const response = await fetch(input, { ...init, headers })
  for (const line of init?.credentials === 'include' ? response.headers.getSetCookie() : []) {
    const [, name = '', value = ''] = /^([^=]+)=([^;]*)/.exec(line) ?? []
    if (/; Max-Age=0;/.test(line)) jar.delete(name)
    else jar.set(name, value)
  }
  return response
}

/** A page that has just been loaded. */
const load = (options: Partial<ClientOptions> = {}) =>
  createClient({ issuer, clientId: 'app', store: 'cookie', fetch: browserFetch, ...options })

const urlOf = (input: Parameters<typeof fetch>[0]): string =>
  input instanceof Request ? input.url : input.toString()

/** The network, with a revocation endpoint that is out of reach while `cut` says so. */
const withoutRevocation =
  (cut: () => boolean): typeof fetch =>
  (input, init) =>
    cut() && urlOf(input).endsWith('/revoke')
      ? Promise.reject(new TypeError('offline'))
      : browserFetch(input, init)

const logIn = async () => {
  const answer = await browserFetch(`${issuer}/login`, { method: 'POST', credentials: 'include' })
  return answer.json() as Promise<{ access_token: string; token_type: string }>
}

// Node has one, over which an earlier page would hand on its access token: here the cookie is all that pages share.
const channel = Object.getOwnPropertyDescriptor(globalThis, 'BroadcastChannel')

beforeEach(async () => {
  Reflect.deleteProperty(globalThis, 'BroadcastChannel')
  jar = new Map()
  clock = Date.now()
  named = true
  const stored = new Map<string, string>()
  const localStorage = {
    getItem: (name: string) => stored.get(name) ?? null,
    setItem: (name: string, value: string) => void stored.set(name, value),
    removeItem: (name: string) => void stored.delete(name),
  }
  Object.defineProperty(globalThis, 'localStorage', { value: localStorage, configurable: true })
  const app = express()
  http = createServer(app)
  await new Promise<void>((resolve) => http.listen(0, '127.0.0.1', resolve))
  issuer = `http://127.0.0.1:${(http.address() as AddressInfo).port}`
  server = createAuthorizationServer({
    issuer,
    secrets: ['8Ff2pQvXk3mN7sLwRt5yUeHcJbGdZa9x'],
    storage: new MemoryStorage(),
    now: () => clock,
    clients: [{ client_id: 'app', token_endpoint_auth_method: 'none', grant_types: ['refresh_token'] }],
  })
  app.use(wellKnownRouter(server))
  const without = oauthRouter(server)
  const router = oauthRouter(server, { refreshTokenCookie: { clients: ['app'] } })
  app.use('/oauth', (req, res, next) => void (named ? router : without)(req, res, next))
  app.post('/login', async (_req, res) => {
    const tokens = await server.grants.issue({ clientId: 'app', subject: 'alice' })
    sendTokens(res, tokens, named ? { server, clientId: 'app' } : undefined)
  })
})
afterEach(async () => {
  Reflect.deleteProperty(globalThis, 'localStorage')
  if (channel !== undefined) Object.defineProperty(globalThis, 'BroadcastChannel', channel)
  http.closeAllConnections()
  await new Promise((resolve) => http.close(resolve))
  await server.close()
})

test('adopts a login, and a page that is loaded later refreshes from the cookie', async () => {
  const first = load()
  const tokens = await logIn()
  expect(tokens).not.toHaveProperty('refresh_token')
  await first.adopt(tokens)
  expect(await first.getAccessToken()).toBe(tokens.access_token)

  const before = [...jar.values()]
  const renewed = await load().getAccessToken()
  expect((await server.tokens.verify(renewed ?? '')).subject).toBe('alice')
  expect([...jar.values()]).not.toEqual(before)
})

test('signing out ends the grant and clears the cookie; a page loaded later is not signed in', async () => {
  const page = load()
  const tokens = await logIn()
  await page.adopt(tokens)
  await page.signOut()
  expect(jar.size).toBe(0)
  await expect(server.tokens.verify(tokens.access_token)).rejects.toMatchObject({ code: 'invalid_token' })
  expect(await load().getAccessToken()).toBeUndefined()
})

test('two pages that are loaded at once stay signed in', async () => {
  await load().adopt(await logIn())
  const reused = jest.fn()
  server.on('grant.reuse_detected', reused)
  const pages = [load(), load()]
  const before = [...jar.values()]
  const both = await Promise.all(pages.map((page) => page.getAccessToken()))
  expect(both.every((token) => token !== undefined)).toBe(true)
  expect([...jar.values()]).not.toEqual(before)
  expect(await load().getAccessToken()).toEqual(expect.any(String))
  expect(reused).not.toHaveBeenCalled()
})

test('a page whose store has nothing signs out all the same: the cookie may be there', async () => {
  await logIn()
  expect(jar.size).toBe(1)
  await load().signOut()
  expect(jar.size).toBe(0)
})

test('signing out again after the server was not reached tries again, and says whether it was', async () => {
  let offline = true
  const page = load({ fetch: withoutRevocation(() => offline) })
  await page.adopt(await logIn())
  for (let attempt = 0; attempt < 2; attempt++) {
    await expect(page.signOut()).rejects.toMatchObject({ code: 'unavailable' })
    expect(await page.getAccessToken()).toBeUndefined()
  }
  offline = false
  await page.signOut()
  expect(jar.size).toBe(0)
  expect(localStorage.getItem(`oauth-ratchet:app@${issuer}`)).toBeNull()
})

test('a page whose first discovery finds no network is not taken for signed out', async () => {
  await load().adopt(await logIn())
  let offline = true
  const page = load({
    fetch: (input, init) => (offline ? Promise.reject(new TypeError('offline')) : browserFetch(input, init)),
  })
  localStorage.removeItem(`oauth-ratchet:app@${issuer}`)
  await expect(page.getAccessToken()).rejects.toMatchObject({ code: 'unavailable' })
  offline = false
  expect(await page.getAccessToken()).toEqual(expect.any(String))
})

test('a login whose refresh token is in the body begins no session in cookie mode: the token is revoked, not kept', async () => {
  named = false
  const tokens = await logIn()
  named = true
  const page = load()
  await expect(page.adopt(tokens)).rejects.toMatchObject({
    code: 'configuration',
    message: expect.stringMatching(/refreshTokenCookie.*sendTokens/) as string,
  })
  expect(localStorage.getItem(`oauth-ratchet:app@${issuer}`)).toBeNull()
  await expect(server.tokens.verify(tokens.access_token)).rejects.toMatchObject({ code: 'invalid_token' })
})

test.each(['localStorage', 'memory'] as const)(
  'a login whose refresh token is in a cookie begins no session that would end with its access token (%s)',
  async (store) => {
    const page = load({ store })
    await expect(page.adopt(logIn)).rejects.toMatchObject({
      code: 'configuration',
      message: expect.stringContaining("store: 'cookie'") as string,
    })
    expect(await page.getAccessToken()).toBeUndefined()
  },
)

const kept = (): string => JSON.stringify(localStorage.getItem(`oauth-ratchet:app@${issuer}`))

/** A refresh later than any grace. */
const refresh = async (page: ReturnType<typeof load>): Promise<string> => {
  clock += 11_000
  const before = await page.getAccessToken()
  const after = await page.getAccessToken({ rejected: before ?? '' })
  expect(after).not.toBe(before)
  expect((await server.tokens.verify(after ?? '')).subject).toBe('alice')
  return after ?? ''
}

describe('an app moves from localStorage to the cookie, and nobody is signed out', () => {
  const old = { store: 'localStorage' } as const
  const reused = jest.fn()

  /** A page from before the move, signed in; then the router names the client. */
  const moved = async (): Promise<ReturnType<typeof load>> => {
    named = false
    const page = load(old)
    await page.adopt(await logIn())
    named = true
    server.on('grant.reuse_detected', reused)
    return page
  }

  afterEach(() => {
    expect(reused).not.toHaveBeenCalled()
    reused.mockReset()
  })

  test('a new page sends the token that it finds as the parameter, once, and keeps none after that', async () => {
    await moved()
    const page = load()
    await refresh(page)
    expect(jar.size).toBe(1)
    for (let time = 0; time < 3; time++) {
      expect(kept()).not.toContain('orr_')
      await refresh(page)
      await refresh(load())
    }
  })

  test('a page of the old version goes on by itself', async () => {
    const page = await moved()
    for (let time = 0; time < 3; time++) await refresh(page)
    await refresh(load())
    expect(kept()).not.toContain('orr_')
  })

  test('an old page beside two new ones: each refreshes in its turn', async () => {
    const pages = [await moved(), load(), load()]
    for (let time = 0; time < 3; time++) {
      for (const page of pages) await refresh(page)
    }
    expect(kept()).not.toContain('orr_')
    await Promise.all(pages.map((page) => page.getAccessToken({ rejected: '' })))
  })

  test.each(['lost', 'broken off'])(
    'the answer that brings the cookie is %s: the next attempt goes on',
    async (how) => {
      await moved()
      let faults = 1
      const page = load({
        fetch: async (input, init) => {
          const response = await browserFetch(input, init)
          if (!urlOf(input).endsWith('/token') || faults-- <= 0) return response
          clock += 11_000
          if (how === 'lost') throw new TypeError('Failed to fetch')
          return new Response('{"access_', { headers: { 'content-type': 'application/json' } })
        },
      })
      await refresh(page)
      await refresh(load())
    },
  )

  test('signing out before the first refresh ends the grant', async () => {
    const token = await (await moved()).getAccessToken()
    await load().signOut()
    await expect(server.tokens.verify(token ?? '')).rejects.toMatchObject({ code: 'invalid_token' })
    expect(kept()).toBe('null')
  })

  test('an old page signs out of the session in the cookie', async () => {
    const page = await moved()
    const token = await refresh(load())
    await page.signOut()
    await expect(server.tokens.verify(token)).rejects.toMatchObject({ code: 'invalid_token' })
    expect(jar.size).toBe(0)
    expect(kept()).toBe('null')
  })
})

/** A client whose requests to these endpoints never get an answer, and how many ran when it gave the lock back. */
const watched = (silent: RegExp) => {
  let running = 0
  const runningAtRelease: number[] = []
  const page = load({
    timeout: 9,
    lock: { acquire: async () => () => void runningAtRelease.push(running) },
    fetch: async (input, init) => {
      running++
      try {
        if (!silent.test(urlOf(input))) return await browserFetch(input, init)
        return await new Promise<Response>((_resolve, reject) =>
          init?.signal?.addEventListener('abort', () => reject(init.signal?.reason as Error)),
        )
      } finally {
        running--
      }
    },
  })
  return { page, runningAtRelease }
}

describe('the lock is not given back while a request may still set or clear the cookie', () => {
  afterEach(() => jest.useRealTimers())

  test('a sign-out that gets no answer', async () => {
    const { page, runningAtRelease } = watched(/revoke/)
    await page.adopt(await logIn())
    jest.useFakeTimers()
    const done = expect(page.signOut()).rejects.toMatchObject({ code: 'unavailable' })
    await jest.advanceTimersByTimeAsync(60_000)
    await done
    expect(runningAtRelease.every((count) => count === 0)).toBe(true)
  })

  test('an answer that comes when somebody has signed in anew', async () => {
    const { page, runningAtRelease } = watched(/revoke/)
    const tokens = await logIn()
    await page.adopt(tokens)
    const entry = `oauth-ratchet:app@${issuer}`
    const renewed = page.getAccessToken({ rejected: tokens.access_token })
    const state = JSON.parse(localStorage.getItem(entry) ?? '') as object
    await Promise.resolve()
    jest.useFakeTimers({ doNotFake: ['setImmediate', 'nextTick', 'queueMicrotask'] })
    localStorage.setItem(entry, JSON.stringify({ ...state, id: 'another' }))
    await settled(renewed)
    expect(runningAtRelease.every((count) => count === 0)).toBe(true)
  })
})

/** Lets a promise settle while the clock that is faked runs. */
async function settled(promise: Promise<unknown>): Promise<void> {
  const state = { open: true }
  const close = (): void => {
    state.open = false
  }
  promise.then(close, close)
  while (state.open) {
    await new Promise(setImmediate)
    await jest.advanceTimersByTimeAsync(100)
  }
}
