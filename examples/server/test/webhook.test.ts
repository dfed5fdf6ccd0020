import { createServer } from 'node:http'
import type { IncomingHttpHeaders, RequestListener, Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { text } from 'node:stream/consumers'
import { createLogger } from '../src/logging.js'
import { signatureOf, Webhook } from '../src/webhook.js'
import type { WebhookOptions } from '../src/webhook.js'

const secret = 'a-secret-of-the-receiver-and-of-nobody-else'

interface Post {
  readonly headers: IncomingHttpHeaders
  readonly body: string
}

let receiver: Server
const posts: Post[] = []
let waits: number[] = []
let log: string[] = []

async function listen(answer: (post: number, ...of: Parameters<RequestListener>) => void): Promise<string> {
  receiver = createServer((req, res) => {
    void text(req).then((body) => answer(posts.push({ headers: req.headers, body }) - 1, req, res))
  })
  await new Promise<void>((resolve) => void receiver.listen(0, '127.0.0.1', resolve))
  return `http://127.0.0.1:${(receiver.address() as AddressInfo).port}/events`
}

const wait = (ms: number) => Promise.resolve(void waits.push(ms))

function open(url: string, options: Partial<WebhookOptions> = {}): Webhook {
  const logger = createLogger({ write: (line) => void log.push(line) })
  return new Webhook({ url, secret, logger, wait, timeout: 1000, ...options })
}

const names = () => posts.map(({ body }) => (JSON.parse(body) as { name: string }).name)
const errors = () =>
  log.map((line) => JSON.parse(line) as { level: number; msg: string; [member: string]: unknown })

beforeEach(() => {
  posts.length = 0
  waits = []
  log = []
})
afterEach(() => {
  receiver?.closeAllConnections()
  receiver?.close()
})

test('events are posted one after the other, in their order, signed so that the receiver can check it', async () => {
  const webhook = open(await listen((_post, _req, res) => void res.end()))
  webhook.send('grant.issued', { grantId: 'g', at: 1 })
  webhook.send('grant.revoked', { grantId: 'g', at: 2 })

  expect(await webhook.drain(5000)).toBe(true)

  expect(posts.map(({ body }) => JSON.parse(body) as unknown)).toEqual([
    { id: expect.any(String), name: 'grant.issued', event: { grantId: 'g', at: 1 } },
    { id: expect.any(String), name: 'grant.revoked', event: { grantId: 'g', at: 2 } },
  ])
  for (const { headers, body } of posts) {
    const { 'webhook-id': id, 'webhook-timestamp': time, 'webhook-signature': signature } = headers
    expect(signature).toBe(`v1,${signatureOf(secret, String(id), Number(time), body)}`)
    expect((JSON.parse(body) as { id: string }).id).toBe(id)
    expect(signature).not.toBe(`v1,${signatureOf('another', String(id), Number(time), body)}`)
  }
  expect(log).toEqual([])
})

test('sending never waits for the receiver, which may never answer', async () => {
  const webhook = open(await listen(() => {}), { timeout: 60_000 })

  const results = Array.from({ length: 100 }, () => webhook.send('grant.issued', {}))

  expect(results).toEqual(Array.from({ length: 100 }, () => undefined))
  expect(await webhook.drain(50)).toBe(false)
  expect(errors()).toEqual([expect.objectContaining({ level: 50, lost: 100 })])
})

test('a receiver that says 500 is asked again with growing waits, and the same id', async () => {
  const webhook = open(await listen((post, _req, res) => void res.writeHead(post < 3 ? 500 : 204).end()))
  webhook.send('grant.issued', {})
  webhook.send('grant.revoked', {})

  expect(await webhook.drain(5000)).toBe(true)

  expect(names()).toEqual([...Array<string>(4).fill('grant.issued'), 'grant.revoked'])
  expect(new Set(posts.slice(0, 4).map(({ headers }) => headers['webhook-id'])).size).toBe(1)
  expect(waits.map((ms) => ms > 0)).toEqual([true, true, true])
  for (const [index, ms] of waits.entries()) {
    expect(ms).toBeGreaterThanOrEqual(375 * 2 ** index)
    expect(ms).toBeLessThanOrEqual(500 * 2 ** index)
  }
  expect(log).toEqual([])
})

test('Retry-After of a 429 is kept, as far as it is no longer than the longest wait', async () => {
  const answers = ['7', '3600', undefined]
  const webhook = open(
    await listen((post, _req, res) => {
      const after = answers[post]
      res
        .writeHead(after === undefined ? 200 : 429, after === undefined ? {} : { 'retry-after': after })
        .end()
    }),
  )
  webhook.send('grant.issued', {})
  await webhook.drain(5000)

  expect(waits).toEqual([7000, 30_000])
})

test('a receiver that is too slow is asked again, and one that never answers is given up in the log', async () => {
  const webhook = open(await listen((post, _req, res) => void (post > 0 && res.end())), { timeout: 100 })
  webhook.send('grant.issued', {})
  expect(await webhook.drain(5000)).toBe(true)
  expect(posts).toHaveLength(2)
})

test('one that is not there is given up after the last attempt, loudly, and the next event is tried', async () => {
  const url = await listen(() => {})
  await new Promise((resolve) => receiver.close(resolve))
  const webhook = open(url, { attempts: 3 })
  webhook.send('grant.issued', {})
  webhook.send('grant.revoked', {})
  await webhook.drain(5000)

  expect(errors()).toEqual([
    expect.objectContaining({ level: 50, event: 'grant.issued', attempts: 3, why: 'not reached' }),
    expect.objectContaining({ level: 50, event: 'grant.revoked', attempts: 3, why: 'not reached' }),
  ])
  expect(waits).toHaveLength(4)
  expect(log.join('')).not.toContain(secret)
})

test.each([400, 404, 301])('an answer %d is not asked again: it would not change', async (status) => {
  const webhook = open(
    await listen((_post, _req, res) => void res.writeHead(status, { location: 'http://127.0.0.1:9/' }).end()),
  )
  webhook.send('grant.issued', {})
  await webhook.drain(5000)

  expect(posts).toHaveLength(1)
  expect(errors()).toEqual([expect.objectContaining({ attempts: 1, why: `status ${status}` })])
})

test('a queue that is full drops what comes, says so once, and says how many when there is room again', async () => {
  const held: (() => void)[] = []
  const webhook = open(await listen((_post, _req, res) => void held.push(() => res.end())), { capacity: 2 })
  for (let index = 0; index < 10; index++) webhook.send(`event-${index}`, {})
  expect(errors()).toEqual([expect.objectContaining({ level: 50, event: 'event-2', waiting: 2 })])

  const drained = webhook.drain(5000)
  for (let answered = 0; answered < 2; answered++) {
    while (held.length === 0) await new Promise((resolve) => setImmediate(resolve))
    held.shift()?.()
  }
  expect(await drained).toBe(true)

  expect(names()).toEqual(['event-0', 'event-1'])
  expect(errors().at(-1)).toMatchObject({ level: 50, dropped: 8 })
})

test('draining ends at its limit, in the middle of a wait too, and takes nothing more', async () => {
  const url = await listen((_post, _req, res) => void res.writeHead(503).end())
  const logger = createLogger({ write: (line) => void log.push(line) })
  const webhook = new Webhook({ url, secret, logger })
  webhook.send('grant.issued', {})

  expect(await webhook.drain(20)).toBe(false)
  webhook.send('grant.revoked', {})

  expect(errors()[0]).toMatchObject({ level: 50, lost: 1 })
  expect(names()).not.toContain('grant.revoked')
})
