import { Agent, createServer, request } from 'node:http'
import type { Server } from 'node:http'
import type { AddressInfo, Socket } from 'node:net'
import { text } from 'node:stream/consumers'
import nodeCrypto from 'node:crypto'

import { createAuthorizationServer } from '@oauth-ratchet/core'
import type { AuthorizationServer, AuthorizationServerOptions } from '@oauth-ratchet/core'
import { ENGINE_TIMEOUT_MS, sharedRedis } from '@oauth-ratchet/engines'
import { oauthRouter } from '@oauth-ratchet/express'
import { oauthHandler } from '@oauth-ratchet/http'
import { RedisStorage } from '@oauth-ratchet/redis'
import express from 'express'
import { Redis } from 'ioredis'

/** What is counted does not depend on how busy the machine is, unlike the figures of the benchmark. */
const CONNECTIONS = 64

let url = ''
let redis: Redis
let http: Server
let server: AuthorizationServer
const agent = new Agent({ keepAlive: true, maxSockets: CONNECTIONS })
/** The server's ends of the connections. */
const sockets: Socket[] = []

const faces = {
  oauthRouter: () => express().use('/oauth', oauthRouter(server)),
  oauthHandler: () => oauthHandler(server),
}

beforeAll(async () => {
  ;({ url } = await sharedRedis())
}, ENGINE_TIMEOUT_MS)

afterEach(async () => {
  jest.restoreAllMocks()
  http.closeAllConnections()
  http.close()
  await server.close()
  redis.disconnect()
})

/** A server with one session for each connection, all refreshed once: scripts are loaded, connections open. */
async function startWarm(
  accessToken: AuthorizationServerOptions['accessToken'] = {},
  face: keyof typeof faces = 'oauthRouter',
): Promise<string[]> {
  redis = new Redis(url)
  server = createAuthorizationServer({
    issuer: 'http://127.0.0.1',
    secrets: [nodeCrypto.randomBytes(48)],
    storage: new RedisStorage({ client: redis, prefix: `cost-${nodeCrypto.randomUUID()}:` }),
    scopes: ['notes:read'],
    clients: [
      {
        client_id: 'app',
        token_endpoint_auth_method: 'none',
        grant_types: ['refresh_token'],
        scope: 'notes:read',
      },
    ],
    accessToken,
  })
  await server.ready()
  sockets.length = 0
  http = createServer(faces[face]()).listen(0, '127.0.0.1')
  http.on('connection', (socket) => sockets.push(socket))
  const issued = await Promise.all(
    Array.from({ length: CONNECTIONS }, (_, index) =>
      server.grants.issue({ clientId: 'app', subject: `user-${index}` }),
    ),
  )
  return refreshAll(issued.map(({ refresh_token = '' }) => refresh_token))
}

/** Each on a connection of its own, at the same time. */
function refreshAll(tokens: readonly string[]): Promise<string[]> {
  return Promise.all(tokens.map(refresh))
}

async function refresh(token: string): Promise<string> {
  const { port } = http.address() as AddressInfo
  const answer = await new Promise<string>((resolve, reject) => {
    const headers = { 'content-type': 'application/x-www-form-urlencoded' }
    request({ agent, host: '127.0.0.1', port, path: '/oauth/token', method: 'POST', headers }, (response) => {
      resolve(text(response))
    })
      .on('error', reject)
      .end(`grant_type=refresh_token&client_id=app&refresh_token=${token}`)
  })
  return (JSON.parse(answer) as { readonly refresh_token: string }).refresh_token
}

function callsOf(...spies: readonly jest.SpyInstance[]): number {
  return spies.reduce((sum, spy) => sum + spy.mock.calls.length, 0)
}

/** How often the system is asked to write to a socket. */
function writesTo(socket: Socket): jest.SpyInstance[] {
  return [jest.spyOn(socket, '_write'), jest.spyOn(socket, '_writev')]
}

test.each(['oauthRouter', 'oauthHandler'] as const)(
  '%s: 64 refreshes at once are 64 commands on the wire in far fewer writes, one write for each answer, and no timers',
  async (face) => {
    const tokens = await startWarm({}, face)
    const toRedis = writesTo(redis.stream)
    const answers = sockets.flatMap(writesTo)
    const commands = jest.spyOn(redis, 'sendCommand')
    const timers = [jest.spyOn(globalThis, 'setTimeout'), jest.spyOn(globalThis, 'setInterval')]

    const next = await refreshAll(tokens)

    expect(new Set(next).size).toBe(CONNECTIONS)
    expect(callsOf(commands)).toBe(CONNECTIONS)
    expect(callsOf(...toRedis)).toBeLessThan(CONNECTIONS / 4)
    expect(callsOf(...answers)).toBe(CONNECTIONS)
    expect(callsOf(...timers)).toBe(0)
  },
)

test.each([
  ['with opaque tokens', 'opaque', { hmacs: 4, signatures: 0 }],
  ['with JWTs', 'jwt', { hmacs: 3, signatures: 1 }],
] as const)('a refresh %s makes no more HMACs and signatures than it did', async (_, format, most) => {
  const tokens = await startWarm({ format })
  // An HMAC is two calls of `hash`.
  const hash = jest.spyOn(nodeCrypto, 'hash')
  const streams = [jest.spyOn(nodeCrypto, 'createHmac'), jest.spyOn(nodeCrypto, 'createHash')]
  const sign = jest.spyOn(nodeCrypto, 'sign')
  const ciphers = [jest.spyOn(nodeCrypto, 'createCipheriv'), jest.spyOn(nodeCrypto, 'createDecipheriv')]

  await refreshAll(tokens)

  expect(callsOf(hash) / CONNECTIONS).toBeGreaterThan(0)
  expect(callsOf(hash) / CONNECTIONS).toBeLessThanOrEqual(2 * most.hmacs)
  expect(callsOf(...streams)).toBe(0)
  expect(callsOf(sign)).toBe(most.signatures * CONNECTIONS)
  // What was sealed has been opened by the refresh before, and is remembered; otherwise it is one more of each.
  expect(callsOf(...ciphers)).toBe(0)
})

test('a refresh makes nothing for events that nobody listens to: no id', async () => {
  const tokens = await startWarm()
  const uuid = jest.spyOn(nodeCrypto, 'randomUUID')
  server.on('grant.reuse_detected', () => {})
  server.on('grant.revoked', () => {})

  const next = await refreshAll(tokens)
  expect(callsOf(uuid)).toBe(0)

  server.on('grant.turned', () => {})
  await refreshAll(next)
  expect(callsOf(uuid)).toBe(CONNECTIONS)
})
