import { inspect } from 'node:util'
import { MemoryStorage } from '@oauth-ratchet/core'
import type { TurnResult } from '@oauth-ratchet/core'
import { codeOf, redemption, verifier } from '../setup/authorization.js'
import { FaultyStorage } from '../setup/faulty-storage.js'
import {
  clientC,
  confidentialSecret,
  introspectionSecret,
  secret,
  startServer,
} from '../setup/test-server.js'
import { issue, tokensOf } from '../setup/tokens.js'

// No storage answers so, and no guard expects it.
const brokenTurn = () => Promise.resolve(undefined as unknown as TurnResult)

/** Runs the work and answers what it wrote to stderr and stdout. */
async function written(work: () => Promise<unknown>): Promise<string> {
  let text = ''
  const spies = [process.stderr, process.stdout].map((stream) =>
    jest.spyOn(stream, 'write').mockImplementation((chunk) => {
      text += String(chunk)
      return true
    }),
  )
  try {
    await work()
  } finally {
    for (const spy of spies) spy.mockRestore()
  }
  return text
}

describe('nothing secret is told (R26)', () => {
  test('in events, in their errors, on stderr, or in an error answer', async () => {
    const faulty = new FaultyStorage()
    const at = startServer({
      storage: faulty.storage,
      refreshToken: { reuseGrace: 10 },
      authenticateUser: (_, password) => (password === 'correct horse' ? { subject: 'u1' } : null),
    })
    const secrets = [
      secret,
      confidentialSecret,
      introspectionSecret,
      verifier,
      'correct horse',
      'guessed',
      'key-1',
    ]
    const answers: unknown[] = []

    const text = await written(async () => {
      const code = await codeOf(at)
      const first = tokensOf(await at.token(redemption(code)))
      const second = tokensOf(
        await at.refresh(first.refresh_token, {}, { headers: { 'idempotency-key': 'key-1' } }),
      )
      const other = await issue(at, { metadata: { device: 'phone' } })
      secrets.push(code, ...[first, second, other].flatMap((each) => [each.access_token, each.refresh_token]))
      const password = { grant_type: 'password', username: 'u1', client_id: clientC.client_id }
      answers.push(
        await at.refresh(first.refresh_token, { scope: 'admin' }),
        await at.refresh(other.refresh_token, { client_id: 'app-b' }),
        await at.token({ ...password, client_secret: 'guessed', password: 'correct horse' }),
        await at.token({ ...password, client_secret: confidentialSecret, password: 'guessed' }),
      )
      for (const fault of ['lost before it took effect', 'refused before it was sent'] as const) {
        faulty.fail('grants.turn', fault)
        faulty.fail('grants.find', fault)
        answers.push(await at.refresh(second.refresh_token, {}, { headers: { 'idempotency-key': 'key-1' } }))
        faulty.fail('grants.find', fault)
        answers.push(await at.introspect(second.access_token), await at.introspect(second.refresh_token))
        faulty.fail('grants.find', 'lost before it took effect', 0)
      }
      tokensOf(await at.refresh(second.refresh_token))
      answers.push(await at.refresh(first.refresh_token), await at.token(redemption(code)))
    })

    const told = text + inspect(at.raised, { depth: 10 }) + JSON.stringify(answers)
    expect(at.events('grant.reuse_detected')).toHaveLength(1)
    expect(at.events('request.failed').length).toBeGreaterThan(2)
    for (const each of secrets) expect(told).not.toContain(each)
  })

  test('an error of the core’s own is a 500 that says nothing, and the event has it', async () => {
    const storage = new MemoryStorage()
    jest.spyOn(storage.grants, 'turn').mockImplementation(brokenTurn)
    const at = startServer({ storage })
    const { refresh_token } = await issue(at)

    const answer = await at.refresh(refresh_token)

    expect(answer).toMatchObject({
      status: 500,
      body: { error: 'server_error', error_description: 'The server failed.' },
    })
    expect(at.events('request.failed')).toMatchObject([{ phase: 'internal', error: { name: 'TypeError' } }])
  })
})

function failingInit(failures: number, fail: () => Promise<void>) {
  const storage = new MemoryStorage()
  let inits = 0
  jest.spyOn(storage, 'init').mockImplementation(() => {
    inits += 1
    return inits <= failures ? fail() : Promise.resolve()
  })
  return { storage, inits: () => inits }
}

const down = () => Promise.reject(new Error('connect ECONNREFUSED'))

describe('bringing the storage up', () => {
  test('that fails is a 503, and the next request tries again', async () => {
    const { storage, inits } = failingInit(2, down)
    const at = startServer({ storage })
    await expect(at.server.ready()).rejects.toThrow('ECONNREFUSED')
    await expect(at.server.ping()).rejects.toMatchObject({ name: 'StorageError' })

    await at.server.ping()

    expect(inits()).toBe(3)
  })

  test('happens once for all who ask at the same time, and is waited for no longer than the timeout', async () => {
    const { storage, inits } = failingInit(1, () => new Promise(() => {}))
    const at = startServer({ storage, storageTimeout: 0.02 })
    const { refresh_token } = await issue(startServer())

    const answers = await Promise.all([1, 2, 3].map(() => at.refresh(refresh_token)))

    expect(answers.map((answer) => answer.status)).toEqual([503, 503, 503])
    expect(inits()).toBe(1)
  })

  test('ping rejects when the storage does not answer', async () => {
    const storage = new MemoryStorage()
    const at = startServer({ storage, storageTimeout: 0.02 })
    await at.server.ready()
    jest.spyOn(storage, 'ping').mockReturnValue(new Promise(() => {}))

    await expect(at.server.ping()).rejects.toMatchObject({ name: 'StorageError' })
  })
})
