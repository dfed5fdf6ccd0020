import { createServer } from 'node:http'
import type { Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { createClient } from '@oauth-ratchet/client'
import { createAuthorizationServer, MemoryStorage } from '@oauth-ratchet/core'
import type { AuthorizationServer } from '@oauth-ratchet/core'
import { oauthRouter, sendTokens, wellKnownRouter } from '@oauth-ratchet/express'
import express from 'express'

let http: Server
let server: AuthorizationServer
let issuer: string
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
const load = () => createClient({ issuer, clientId: 'app', store: 'cookie', fetch: browserFetch })

const logIn = async () => {
  const answer = await browserFetch(`${issuer}/login`, { method: 'POST', credentials: 'include' })
  return answer.json() as Promise<{ access_token: string; token_type: string }>
}

// Node has one, over which an earlier page would hand on its access token: here the cookie is all that pages share.
const channel = Object.getOwnPropertyDescriptor(globalThis, 'BroadcastChannel')

beforeEach(async () => {
  Reflect.deleteProperty(globalThis, 'BroadcastChannel')
  jar = new Map()
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
    clients: [{ client_id: 'app', token_endpoint_auth_method: 'none', grant_types: ['refresh_token'] }],
  })
  app.use(wellKnownRouter(server))
  app.use('/oauth', oauthRouter(server, { refreshTokenCookie: { clients: ['app'] } }))
  app.post('/login', async (_req, res) => {
    const tokens = await server.grants.issue({ clientId: 'app', subject: 'alice' })
    sendTokens(res, tokens, { server, clientId: 'app' })
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
