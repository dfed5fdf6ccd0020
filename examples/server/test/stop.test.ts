import { request } from 'node:http'
import type { IncomingMessage } from 'node:http'
import { connect } from 'node:net'
import { setTimeout as delay } from 'node:timers/promises'
import { ServerProcess, temporaryFolder } from './support/server-process.js'

const folder = temporaryFolder()
const body = 'grant_type=password&username=alice&password=wonderland'

/** A token request that the server has begun to read, and whose body is sent later. */
async function beginRequest(server: ServerProcess) {
  const credentials = btoa(`trusted:${server.secretOf('trusted')}`)
  const req = request(`${server.url}/oauth/token`, {
    method: 'POST',
    headers: {
      authorization: `Basic ${credentials}`,
      'content-type': 'application/x-www-form-urlencoded',
      'content-length': body.length,
      expect: '100-continue',
    },
  })
  const answered = new Promise<IncomingMessage>((done, failed) =>
    req.once('response', done).once('error', failed),
  )
  answered.catch(() => undefined)
  const taken = new Promise((done) => req.once('continue', done))
  req.flushHeaders()
  await taken
  return { finish: () => req.end(body), answered }
}

async function untilClosedToNew(server: ServerProcess): Promise<void> {
  const { hostname, port } = new URL(server.url)
  for (;;) {
    const open = await new Promise<boolean>((done) => {
      const socket = connect(Number(port), hostname)
      socket.once('connect', () => (socket.destroy(), done(true))).once('error', () => done(false))
    })
    if (!open) return
    await delay(10)
  }
}

test.each(['SIGTERM', 'SIGINT'] as const)(
  '%s: requests in flight are answered, even if their body comes later, and the exit code is 0',
  async (signal) => {
    const server = await ServerProcess.start({ STORAGE_URL: 'memory:' }, folder)
    const requests = await Promise.all(Array.from({ length: 8 }, () => beginRequest(server)))
    server.signal(signal)
    await untilClosedToNew(server)
    for (const { finish } of requests) finish()
    const answers = await Promise.all(requests.map(({ answered }) => answered))
    expect(answers.map((answer) => answer.statusCode)).toEqual(Array.from({ length: 8 }, () => 200))
    expect(new Set(answers.map((answer) => answer.headers.connection))).toEqual(new Set(['close']))
    for (const answer of answers) answer.resume()
    expect(await server.exited).toBe(0)
  },
)

test('connections on which nothing is asked, such as browsers keep in store, do not hold the stop up', async () => {
  const server = await ServerProcess.start({ STORAGE_URL: 'memory:' }, folder)
  const socket = connect(Number(new URL(server.url).port), '127.0.0.1')
  const ended = new Promise((done) => socket.once('close', done))
  await new Promise((done) => socket.once('connect', done))
  expect(await server.stop()).toBe(0)
  await ended
})

test('a second signal stops at once', async () => {
  const server = await ServerProcess.start({ STORAGE_URL: 'memory:' }, folder)
  const { answered } = await beginRequest(server)
  server.signal('SIGTERM')
  await untilClosedToNew(server)
  server.signal('SIGTERM')
  expect(await server.exited).toBe(1)
  await expect(answered).rejects.toMatchObject({ code: 'ECONNRESET' })
})
