import { containing, ENGINE_TIMEOUT_MS, startTcpProxy } from '@oauth-ratchet/engines'
import type { TcpProxy } from '@oauth-ratchet/engines'

import { refreshed, startApp } from './setup/app.js'
import type { App } from './setup/app.js'
import { databaseName } from './setup/mongoose-harness.js'
import { directUrl, startPrivateEngine } from './setup/private-engine.js'
import type { PrivateEngine } from './setup/private-engine.js'

// An app whose connection leads through a proxy that loses what it is told to lose, and a witness who sees the same
// data past it.

const OUTAGE = { status: 503, error: 'temporarily_unavailable' }
const FOREVER = { times: Infinity }
const HOUR = 3_600_000

let engine: PrivateEngine
let proxy: TcpProxy
let app: App
let witness: App

beforeAll(async () => {
  engine = await startPrivateEngine()
}, ENGINE_TIMEOUT_MS)

beforeEach(async () => {
  const dbName = databaseName()
  proxy = await startTcpProxy(engine)
  app = await startApp({ url: directUrl(proxy), dbName })
  witness = await startApp({ url: engine.url, dbName })
})

afterEach(async () => {
  await app.stop()
  await proxy.stop()
  await witness.connection.dropDatabase()
  await witness.stop()
})

afterAll(async () => {
  await engine.stop()
})

async function onlyGrantOf(subject: string) {
  const grants = await witness.server.grants.list({ subject })
  expect(grants).toHaveLength(1)
  return witness.storage.grants.find(grants[0]?.id ?? '')
}

describe('an answer that is lost', () => {
  it('of a turn is got by asking again: one turn, no reuse', async () => {
    const first = await app.signIn()
    const cut = proxy.cutAfterRequest({ when: containing('findAndModify') })
    const second = refreshed(await app.refresh(first))
    expect(cut.hits()).toBe(1)
    expect(await onlyGrantOf('alice')).toMatchObject({ generation: 2 })
    refreshed(await app.refresh(second))
    expect(app.alarms).toEqual([])
  })

  it('of a turn and of its repetition is found by looking', async () => {
    const first = await app.signIn()
    const cut = proxy.cutAfterRequest({ when: containing('findAndModify'), times: 2 })
    const second = refreshed(await app.refresh(first))
    expect(cut.hits()).toBe(2)
    expect(await onlyGrantOf('alice')).toMatchObject({ generation: 2 })
    refreshed(await app.refresh(second))
    expect(app.alarms).toEqual([])
  })

  it('with every later one is an outage, and the retry under the same key gets the successor', async () => {
    const first = await app.signIn()
    const cuts = ['findAndModify', 'find'].map((name) =>
      proxy.cutAfterRequest({ when: containing(name), ...FOREVER }),
    )
    expect(await app.refresh(first, 'key-1')).toEqual(OUTAGE)
    for (const cut of cuts) cut.disarm()
    await app.connected()
    expect(await onlyGrantOf('alice')).toMatchObject({ generation: 2 })
    const second = refreshed(await app.refresh(first, 'key-1'))
    refreshed(await app.refresh(second, 'key-2'))
    expect(app.alarms).toEqual([])
  })

  it('with every later one is an outage, and a retry without a key that reaches another process counts as reuse, as without a grace it must', async () => {
    const first = await app.signIn()
    const cuts = ['findAndModify', 'find'].map((name) =>
      proxy.cutAfterRequest({ when: containing(name), ...FOREVER }),
    )
    expect(await app.refresh(first)).toEqual(OUTAGE)
    for (const cut of cuts) cut.disarm()
    await app.connected()
    expect(await witness.refresh(first)).toEqual({ status: 400, error: 'invalid_grant' })
    expect(witness.alarms).toEqual(['grant.reuse_detected'])
  })

  it('of a sign-in leaves one grant, whose tokens the app gets', async () => {
    const cut = proxy.cutAfterRequest({ when: containing('insert'), times: 2 })
    const first = await app.signIn()
    expect(cut.hits()).toBe(2)
    expect(await onlyGrantOf('alice')).toMatchObject({ generation: 1 })
    refreshed(await app.refresh(first))
  })

  it('of a revocation is got by asking again, and the revocation is its own', async () => {
    await app.signIn()
    const grant = await onlyGrantOf('alice')
    const cut = proxy.cutAfterRequest({ when: containing('findAndModify'), times: 2 })
    expect(await app.server.grants.revoke(grant?.id ?? '')).toBe(true)
    expect(cut.hits()).toBe(2)
    expect(await witness.server.grants.list({ subject: 'alice' })).toEqual([])
  })

  it("of a page of a subject's revocation is got by asking again, and every grant is counted", async () => {
    for (let device = 0; device < 5; device += 1) await app.signIn()
    const cut = proxy.cutAfterRequest({ when: containing('updates') })
    expect(await app.server.grants.revokeAll({ subject: 'alice' })).toBe(5)
    expect(cut.hits()).toBe(1)
    expect(await witness.server.grants.list({ subject: 'alice' })).toEqual([])
  })

  it('of a mark or of a value that was taken is got by asking again', async () => {
    const { values } = app.storage
    const now = Date.now()
    const marks = proxy.cutAfterRequest({ when: containing('updates') })
    expect(await values.mark('jti', 'call-1', now + HOUR, now)).toBe(true)
    expect(await values.mark('jti', 'call-2', now + HOUR, now)).toBe(false)
    await values.stash('par', 'request', now + HOUR)
    const takes = proxy.cutAfterRequest({ when: containing('findAndModify') })
    expect(await values.take('par', now)).toBe('request')
    expect(await values.take('par', now)).toBeUndefined()
    expect([marks.hits(), takes.hits()]).toEqual([1, 1])
  })
})

describe('a request that is lost', () => {
  it('is sent again by the driver, and the client notices nothing', async () => {
    const first = await app.signIn()
    const cut = proxy.cutBeforeRequest({ when: containing('findAndModify') })
    const second = refreshed(await app.refresh(first))
    expect(cut.hits()).toBe(1)
    refreshed(await app.refresh(second))
    expect(app.alarms).toEqual([])
  })

  it(
    'and cannot be sent again in time is never sent: afterwards the same token works',
    async () => {
      const first = await app.signIn()
      const cut = proxy.cutBeforeRequest({ when: containing('findAndModify') })
      const answer = app.refresh(first)
      await cut.struck
      await proxy.refuse()
      expect(await answer).toEqual(OUTAGE)
      await proxy.accept()
      // What the driver had kept waiting for the server would go as soon as it is back.
      await app.connected()
      expect(await onlyGrantOf('alice')).toMatchObject({ generation: 1 })
      refreshed(await app.refresh(first))
      expect(app.alarms).toEqual([])
    },
    ENGINE_TIMEOUT_MS,
  )
})
