import { ClientError } from '@oauth-ratchet/client'
import type { Store } from '@oauth-ratchet/client'
import { processLock } from '../src/locks/process-lock'
import { startService } from './setup/service'
import type { Service } from './setup/service'
import { browser, closeTabs, openTab, textStore } from './setup/tabs'

let service: Service
beforeEach(async () => {
  service = await startService()
})
afterEach(async () => {
  closeTabs()
  await service.close()
})

/** Signed in, and the access token refused by the API from now on. */
async function signedInWithSpentToken(options: Parameters<typeof openTab>[0] = { issuer: service.issuer }) {
  const tab = openTab(options)
  const tokens = await service.signedIn()
  await tab.client.adopt(tokens)
  service.refused.add(tokens.access_token)
  return { ...tab, tokens }
}

test('twenty requests that meet a 401 at once are answered after one refresh', async () => {
  const { client } = await signedInWithSpentToken()

  const answers = await Promise.all(Array.from({ length: 20 }, () => client.fetch(service.api)))

  expect(answers.map(({ status }) => status)).toEqual(Array(20).fill(200))
  expect(service.refreshes).toHaveLength(1)
})

test('a refresh whose answer was lost is asked for again with the same key, and nobody is taken for a thief', async () => {
  const { client, events } = await signedInWithSpentToken()
  service.forecast.push('lost-answer')

  const { status } = await client.fetch(service.api)

  expect(status).toBe(200)
  expect(events).toEqual(['adopted sign-in', 'retrying', 'refreshed'])
  expect(service.events).toEqual(['grant.turned', 'grant.repeated'])
  expect(new Set(service.refreshes.map(({ key }) => key)).size).toBe(1)
  expect(service.refreshes[0]?.key).toMatch(/^[0-9a-f]{32}$/)
})

test('each refresh token has a key of its own', async () => {
  const { client, tokens } = await signedInWithSpentToken()
  await client.fetch(service.api)
  service.refused.add((await client.getAccessToken()) ?? tokens.access_token)
  await client.fetch(service.api)

  const [first, second] = service.refreshes.map(({ key }) => key)
  expect(first).toBeDefined()
  expect(second).toBeDefined()
  expect(first).not.toBe(second)
})

test.each(['outage', 'busy', 'portal'] as const)(
  '%s: it tries again and keeps the session',
  async (weather) => {
    const { client, events } = await signedInWithSpentToken()
    service.forecast.push(weather)

    const { status } = await client.fetch(service.api)

    expect(status).toBe(200)
    expect(events).toEqual(['adopted sign-in', 'retrying', 'refreshed'])
  },
)

test('an outage that goes on is an error that keeps the session', async () => {
  const { client, events } = await signedInWithSpentToken()
  service.forecast.push('outage', 'outage', 'outage', 'outage')

  await expect(client.fetch(service.api)).rejects.toMatchObject({ name: 'ClientError', code: 'unavailable' })
  expect(events).not.toContain('signed-out revoked')

  await expect(client.fetch(service.api).then(({ status }) => status)).resolves.toBe(200)
})

test('a grant that was ended signs out once, and says so', async () => {
  const { client, events } = await signedInWithSpentToken()
  await service.revokeAll()

  const { status } = await client.fetch(service.api)

  expect(status).toBe(401)
  expect(events).toEqual(['adopted sign-in', 'signed-out revoked'])
  await expect(client.getAccessToken()).resolves.toBeUndefined()
})

test('a request that was sent with an older token is sent again with the newer one, without a refresh', async () => {
  const { client, tokens } = await signedInWithSpentToken()
  await client.fetch(service.api)

  await expect(client.getAccessToken({ rejected: tokens.access_token })).resolves.not.toBe(
    tokens.access_token,
  )
  expect(service.refreshes).toHaveLength(1)
})

test('an answer without a refresh token leaves the one that there is (RFC 6749 §6)', async () => {
  const store = textStore()
  let answers = 0
  const { client } = openTab({
    issuer: service.issuer,
    store,
    fetch: async (input, init) => {
      const response = await fetch(input, init)
      if (!urlOf(input).endsWith('/token')) return response
      answers += 1
      const { refresh_token: _, ...rest } = await response.json()
      return Response.json(rest)
    },
  })
  const tokens = await service.signedIn()
  await client.adopt(tokens)
  service.refused.add(tokens.access_token)
  await client.fetch(service.api)

  expect(answers).toBe(1)
  expect(JSON.parse(store.value ?? '')).toMatchObject({ refreshToken: tokens.refresh_token, turn: 2 })
})

test('a sign-out while a refresh is under way is not undone by its answer', async () => {
  const shared = browser()
  const { client } = await signedInWithSpentToken({
    issuer: service.issuer,
    store: shared.store,
    fetch: async (input, init) => {
      const response = await fetch(input, init)
      if (urlOf(input).endsWith('/token')) await shared.store.remove()
      return response
    },
  })

  await client.fetch(service.api)

  expect(await shared.store.get()).toBeUndefined()
  await expect(client.getAccessToken()).resolves.toBeUndefined()
})

describe('a holder of the lock that hangs', () => {
  const heldForever = { acquire: async () => undefined }

  test('is not waited for beyond the deadline: the same token with the same key is safe', async () => {
    const { client } = await signedInWithSpentToken({ issuer: service.issuer, lock: heldForever })

    await expect(client.fetch(service.api).then(({ status }) => status)).resolves.toBe(200)
  })

  test('is waited for where the server knows no keys: the token is not presented twice', async () => {
    const { client } = await signedInWithSpentToken({
      issuer: service.issuer,
      lock: heldForever,
      idempotencyKey: false,
    })

    await expect(client.fetch(service.api)).rejects.toBeInstanceOf(ClientError)
    expect(service.refreshes).toHaveLength(0)
  })
})

describe('two tabs', () => {
  test.each([0, 10])('on one store refresh once for each expiry (reuse grace %i s)', async (reuseGrace) => {
    const strict = await startService({ refreshToken: { reuseGrace } })
    const shared = browser()
    const tabs = [1, 2, 3, 4].map(() => openTab({ issuer: strict.issuer, ...shared }))
    await tabs[0]?.client.adopt(await strict.signedIn())
    for (let round = 0; round < 25; round++) {
      const [token] = await Promise.all(tabs.map(({ client }) => client.getAccessToken()))
      strict.refused.add(token ?? '')
      const answers = await Promise.all(tabs.map(({ client }) => client.fetch(strict.api)))
      expect(answers.map(({ status }) => status)).toEqual([200, 200, 200, 200])
    }

    expect(strict.refreshes).toHaveLength(25)
    expect(strict.events.filter((name) => name !== 'grant.turned')).toEqual([])
    await strict.close()
  })

  test('without any lock all end with one successor, and the session lives', async () => {
    const shared = { store: textStore() }
    const tabs = [1, 2, 3, 4].map(() => openTab({ issuer: service.issuer, ...shared }))
    const tokens = await service.signedIn()
    await tabs[0]?.client.adopt(tokens)
    await Promise.all(tabs.map(({ client }) => client.getAccessToken()))
    service.refused.add(tokens.access_token)

    const answers = await Promise.all(tabs.map(({ client }) => client.fetch(service.api)))

    expect(answers.map(({ status }) => status)).toEqual([200, 200, 200, 200])
    expect(service.events).not.toContain('grant.revoked')
  })

  test('of which one is a copy of the other, stores apart, hand each other their tokens', async () => {
    const lock = browser().lock
    const first = openTab({ issuer: service.issuer, lock, store: { ...textStore(), shared: false } })
    const tokens = await service.signedIn()
    const original = { ...textStore(), shared: false }
    const one = openTab({ issuer: service.issuer, lock, store: original })
    await one.client.adopt(tokens)
    const two = openTab({
      issuer: service.issuer,
      lock,
      store: { ...textStore(original.value), shared: false },
    })
    await two.client.getAccessToken()
    for (const tab of [one, two, two, one]) {
      service.refused.add((await tab.client.getAccessToken()) ?? '')
      const { status } = await tab.client.fetch(service.api)
      expect(status).toBe(200)
    }

    expect(service.events).not.toContain('grant.revoked')
    first.client.close()
  })

  test('a sign-out in one is a sign-out in all, and ends the grant', async () => {
    const shared = browser()
    const tabs = [1, 2].map(() => openTab({ issuer: service.issuer, ...shared }))
    await tabs[0]?.client.adopt(await service.signedIn())
    await tabs[1]?.client.getAccessToken()

    await tabs[0]?.client.signOut()
    await new Promise((resolve) => setImmediate(resolve))

    await expect(tabs[1]?.client.getAccessToken()).resolves.toBeUndefined()
    expect(tabs.map(({ events }) => events.at(-1))).toEqual(['signed-out user', 'signed-out user'])
    expect(service.events).toContain('grant.revoked')
  })
})

function urlOf(input: Parameters<typeof fetch>[0]): string {
  return input instanceof Request ? input.url : input.toString()
}

test('clients of one stored session in one process refresh one after another, without a lock given, and so without a key too', async () => {
  const store = textStore()
  const options = { issuer: service.issuer, idempotencyKey: false }
  // A store object of its own in each client, as for each request of a server.
  const copy = (): Store => ({
    get: async () => store.get(),
    set: async (value) => store.set(value),
    remove: async () => store.remove(),
  })
  const first = openTab({ ...options, store: copy() })
  await first.client.adopt(await service.signedIn())
  const rejected = (await first.client.getAccessToken()) ?? ''
  const clients = Array.from({ length: 5 }, () => openTab({ ...options, store: copy() }).client)

  const tokens = await Promise.all(clients.map((client) => client.getAccessToken({ rejected })))

  expect(new Set(tokens).size).toBe(1)
  expect(tokens[0]).toEqual(expect.any(String))
  expect(service.refreshes).toHaveLength(1)
})

test('people’s sessions in one process do not wait for each other, and a waiter gives up at its deadline', async () => {
  const store = textStore('{"id":"a","turn":1,"key":"k"}')
  const other = textStore('{"id":"b","turn":1,"key":"k"}')
  const release = await processLock(store).acquire('app', 60_000)

  expect(await processLock(store).acquire('app', 0)).toBeUndefined()
  expect(await processLock(other).acquire('app', 60_000)).toBeDefined()
  release?.()
  expect(await processLock(store).acquire('app', 60_000)).toBeDefined()
})
