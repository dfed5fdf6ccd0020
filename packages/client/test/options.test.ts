import { createClient } from '@oauth-ratchet/client'
import type { ClientOptions } from '@oauth-ratchet/client'
import { closeTabs, openTab, queueLock, textStore } from './setup/tabs'

afterEach(closeTabs)

test('without a secure random source the option random is required', () => {
  const { crypto } = globalThis
  Object.defineProperty(globalThis, 'crypto', { value: undefined, configurable: true })
  try {
    expect(() => createClient({ issuer: 'https://auth.example', clientId: 'app' })).toThrow(
      expect.objectContaining({ code: 'configuration' }),
    )
    expect(() =>
      createClient({ issuer: 'https://auth.example', clientId: 'app', random: () => 'r' }).close(),
    ).not.toThrow()
  } finally {
    Object.defineProperty(globalThis, 'crypto', { value: crypto, configurable: true })
  }
})

test.each([
  ['issuer', { issuer: 'auth.example' }],
  ['resources', { issuer: 'https://auth.example', resources: ['api.example'] }],
])('%s that is no URL is an error at once', (_name, options) => {
  expect(() => createClient({ clientId: 'app', ...options })).toThrow(
    expect.objectContaining({ code: 'configuration' }),
  )
})

test('metadata of another issuer are refused (RFC 8414 §3.3)', async () => {
  const { client } = openTab({
    issuer: 'https://auth.example',
    fetch: async () =>
      Response.json({ issuer: 'https://evil.example', token_endpoint: 'https://evil.example/token' }),
  })

  await expect(client.adopt({ access_token: 'a', token_type: 'Bearer' })).rejects.toMatchObject({
    code: 'configuration',
  })
})

test('the metadata of an issuer with a path are looked for in its place, and then where OpenID Connect has them', async () => {
  const asked: string[] = []
  const { client } = openTab({
    issuer: 'https://auth.example/tenant',
    fetch: async (input) => {
      asked.push(input instanceof Request ? input.url : input.toString())
      return new Response('', { status: 404 })
    },
  })

  await expect(client.adopt({ access_token: 'a', token_type: 'Bearer' })).rejects.toMatchObject({
    code: 'configuration',
  })
  expect(asked).toEqual([
    'https://auth.example/.well-known/oauth-authorization-server/tenant',
    'https://auth.example/tenant/.well-known/openid-configuration',
  ])
})

const status = (code: number) => () => Promise.resolve(new Response('', { status: code }))
const answer = (text: string) => () => Promise.resolve(new Response(text))
const brokenOff = async () =>
  new Response(
    new ReadableStream({
      start(controller) {
        controller.error(new TypeError('terminated'))
      },
    }),
  )

test.each<[string, string, (() => Promise<Response>)[]]>([
  ['configuration', 'a 404', [status(404)]],
  ['configuration', 'a 403', [status(403)]],
  ['configuration', 'the page of an app that answers every path', [answer('<!doctype html>')]],
  ['configuration', 'JSON that is no metadata', [answer('null')]],
  ['unavailable', 'a 503', [status(503)]],
  ['unavailable', 'a 429', [status(429)]],
  ['unavailable', 'no answer', [() => Promise.reject(new TypeError('Failed to fetch'))]],
  ['unavailable', 'an answer that breaks off', [brokenOff]],
  ['unavailable', 'a 503, and a 404 at the second address', [status(503), status(404)]],
  ['unavailable', 'a 404, and a 503 at the second address', [status(404), status(503)]],
])(
  'discovery: %s after %s, before the login function is called: nothing is half done',
  async (code, _what, answers) => {
    const all = [...answers]
    const { client } = openTab({
      issuer: 'https://auth.example',
      fetch: () => (all.length > 1 ? all.shift() : all[0])?.() ?? Promise.reject(new Error('unreachable')),
    })
    const logIn = jest.fn()

    await expect(client.adopt(logIn)).rejects.toMatchObject({ code })
    expect(logIn).not.toHaveBeenCalled()
  },
)

test('metadata that are not there name what to mount', async () => {
  const { client } = openTab({ issuer: 'https://auth.example', fetch: status(404) })

  await expect(client.adopt({ access_token: 'a', token_type: 'Bearer' })).rejects.toThrow(/wellKnownRouter/)
})

test.each([
  ['nothing', undefined],
  ['what is no JSON', '{'],
  ['of another program', '{"user":"alice"}'],
])('a store with %s in it is nobody signed in', async (_name, value) => {
  const { client } = openTab({ issuer: 'https://auth.example', store: textStore(value) })

  await expect(client.getAccessToken()).resolves.toBeUndefined()
})

test.each([
  ['another origin whose metadata do not say that it takes keys', {}, undefined],
  ['another origin whose metadata say so', { idempotency_key_supported: true }, expect.any(String)],
])('to %s the key is sent accordingly', async (_name, member, expected) => {
  const keys: (string | null)[] = []
  const { client } = openTab({
    issuer: 'https://auth.example',
    metadata: { issuer: 'https://auth.example', token_endpoint: 'https://auth.example/token', ...member },
    fetch: async (_input, init) => {
      keys.push(new Headers(init?.headers).get('idempotency-key'))
      return Response.json({ access_token: 'b', token_type: 'Bearer', refresh_token: 'r2', expires_in: 60 })
    },
  })
  await client.adopt({ access_token: 'a', token_type: 'Bearer', refresh_token: 'r1', expires_in: 60 })

  await expect(client.getAccessToken({ rejected: 'a' })).resolves.toBe('b')

  expect(keys).toEqual([expected ?? null])
})

test('metadata that never come are given up after the timeout, both URLs together, and asked for anew the next time', async () => {
  jest.useFakeTimers()
  const asked: string[] = []
  const silent = (url: string, init?: RequestInit): Promise<Response> => {
    asked.push(url)
    return new Promise((_resolve, reject) => {
      const abort = (): void => reject(init?.signal?.reason as Error)
      if (init?.signal?.aborted) abort()
      init?.signal?.addEventListener('abort', abort)
    })
  }
  const { client } = openTab({ issuer: 'https://auth.example', timeout: 3, fetch: silent as typeof fetch })
  try {
    for (const times of [1, 2]) {
      const outcome = expect(client.adopt(async () => ({ access_token: 'a', token_type: 'Bearer' }))).rejects
      const refused = outcome.toMatchObject({ code: 'unavailable' })
      await jest.advanceTimersByTimeAsync(3000)
      await refused
      expect(asked).toHaveLength(2 * times)
    }
    expect(jest.getTimerCount()).toBe(0)
  } finally {
    jest.useRealTimers()
  }
})

const metadata = { issuer: 'https://auth.example', token_endpoint: 'https://auth.example/token' }
test.each([
  ['the client_id is missing', { clientId: undefined }, /clientId/],
  ['an option is written as on the wire', { client_id: 'app' }, /no option client_id: write clientId\./],
  ['an option has another number', { resource: [] }, /write resources\./],
  ['an option is nothing that there is', { debug: true }, /write issuer clientId /],
  ['the issuer has a query', { issuer: 'https://auth.example?x' }, /issuer/],
  ['the issuer is none', { issuer: undefined }, /issuer/],
  ['the store has another name', { store: 'localstorage' }, /"localstorage": write memory sessionStorage /],
  ['the store lacks a method', { store: { get() {}, set() {} } }, /get, set, remove/],
  ['the store is null', { store: null }, /store/],
  ['the lock has no acquire', { lock: {} }, /acquire/],
  ['resources is no list', { resources: 'https://api.example' }, /list of absolute URLs/],
  ['a resource is relative', { resources: ['//api.example'] }, /list of absolute URLs/],
  ['a resource has no origin', { resources: ['data:,x'] }, /list of absolute URLs/],
  ['the timeout is 0', { timeout: 0 }, /timeout is 0: write seconds/],
  ['the timeout is negative', { timeout: -1 }, /seconds/],
  ['the timeout is in milliseconds', { timeout: 8000 }, /at most 9/],
  ['the timeout is no number', { timeout: NaN }, /seconds/],
  ['the metadata have no token endpoint', { metadata: { issuer: 'https://auth.example' } }, /token_endpoint/],
  [
    'the metadata are another issuer’s',
    { metadata: { ...metadata, issuer: 'https://other.example' } },
    /metadata/,
  ],
])('createClient refuses at once that %s', (_case, options, message) => {
  const given = { issuer: 'https://auth.example', clientId: 'app', ...options } as unknown as ClientOptions

  expect(() => createClient(given)).toThrow(
    expect.objectContaining({ code: 'configuration', message: expect.stringMatching(message) }),
  )
})

test('createClient without options says what is missing', () => {
  expect(() => createClient(undefined as never)).toThrow(expect.objectContaining({ code: 'configuration' }))
})

test('every option that there is, is taken, also as undefined', () => {
  const all: Required<ClientOptions> = {
    issuer: 'https://auth.example',
    clientId: 'app',
    store: 'memory',
    lock: queueLock(),
    resources: ['https://api.example/path'],
    redirectUri: 'app:/callback',
    scope: 'a',
    metadata,
    idempotencyKey: true,
    random: () => 'r',
    fetch,
    timeout: 9,
    now: Date.now,
  }
  const names = Object.keys(all).filter((name) => !['issuer', 'clientId'].includes(name))

  expect(() => createClient(all).close()).not.toThrow()
  for (const name of names) {
    expect(() => createClient({ ...all, [name]: undefined }).close()).not.toThrow()
  }
})

test('on refuses a name that is no event’s', () => {
  const { client } = openTab({ issuer: 'https://auth.example' })

  expect(() => client.on('signedout' as never, () => {})).toThrow(
    expect.objectContaining({
      code: 'configuration',
      message: 'There is no event signedout: write signed-out.',
    }),
  )
})
