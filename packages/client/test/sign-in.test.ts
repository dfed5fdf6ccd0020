import { startService } from './setup/service'
import type { Service } from './setup/service'
import { closeTabs, openTab } from './setup/tabs'

const redirectUri = 'http://127.0.0.1:9999/callback'

let service: Service
beforeEach(async () => {
  service = await startService()
})
afterEach(async () => {
  closeTabs()
  await service.close()
})

/** Opens the authorization URL as a browser would, with a user who is signed in and agrees. */
async function callbackOf(client: ReturnType<typeof openTab>['client'], returnTo?: string): Promise<string> {
  let location = ''
  await client.signIn({
    ...(returnTo !== undefined && { returnTo }),
    open: async (url) => {
      const response = await fetch(url, { redirect: 'manual' })
      location = response.headers.get('location') ?? ''
    },
  })
  return location
}

test('a sign-in with code and PKCE begins a session, and leads back to where it came from', async () => {
  const { client, events } = openTab({ issuer: service.issuer, redirectUri })

  const callback = await callbackOf(client, '/inbox')
  await expect(client.handleCallback(callback)).resolves.toEqual({ returnTo: '/inbox' })

  expect(events).toEqual(['adopted sign-in'])
  await expect(client.fetch(service.api).then(({ status }) => status)).resolves.toBe(200)
})

test('a callback that is handled twice, as a double effect does, exchanges its code once', async () => {
  const { client } = openTab({ issuer: service.issuer, redirectUri })
  const callback = await callbackOf(client)

  const both = await Promise.all([client.handleCallback(callback), client.handleCallback(callback)])

  expect(both).toEqual([{ returnTo: undefined }, { returnTo: undefined }])
  expect(service.refreshes).toHaveLength(1)
  await expect(client.fetch(service.api).then(({ status }) => status)).resolves.toBe(200)
})

test('a URL that is no callback is none', async () => {
  const { client } = openTab({ issuer: service.issuer, redirectUri })

  await expect(client.handleCallback('http://127.0.0.1:9999/?state=x')).resolves.toBeUndefined()
})

test('a callback whose sign-in was not begun here is refused: somebody else made that code', async () => {
  const { client } = openTab({ issuer: service.issuer, redirectUri })

  await expect(
    client.handleCallback(
      `${redirectUri}?code=theirs&state=theirs&iss=${encodeURIComponent(service.issuer)}`,
    ),
  ).rejects.toMatchObject({ code: 'sign_in_failed' })
  expect(service.refreshes).toHaveLength(0)
})

test('a callback of another issuer is refused (RFC 9207 §2.4)', async () => {
  const { client } = openTab({ issuer: service.issuer, redirectUri })
  const callback = new URL(await callbackOf(client))
  callback.searchParams.set('iss', 'https://evil.example')

  await expect(client.handleCallback(callback.href)).rejects.toMatchObject({ code: 'sign_in_failed' })
})

test('what the user or the server refused is named', async () => {
  const { client } = openTab({ issuer: service.issuer, redirectUri, scope: 'admin' })

  await expect(client.handleCallback(await callbackOf(client))).rejects.toMatchObject({
    code: 'sign_in_failed',
    oauthError: 'invalid_scope',
  })
})

test('signing out ends the grant, and a sign-out that did not reach the server says so', async () => {
  const { client } = openTab({ issuer: service.issuer, redirectUri })
  await client.handleCallback(await callbackOf(client))

  await client.signOut()

  expect(service.events).toContain('grant.revoked')
  await client.adopt(await service.signedIn())
  const closing = service.close()
  await expect(client.signOut()).rejects.toMatchObject({ code: 'unavailable' })
  await expect(client.getAccessToken()).resolves.toBeUndefined()
  await closing
  service = await startService()
})

test('a sign-in that is done leaves no timer behind, which would keep a command line from ending', async () => {
  const { client } = openTab({ issuer: service.issuer, redirectUri })
  const callback = await callbackOf(client)
  jest.useFakeTimers({ doNotFake: ['nextTick', 'setImmediate', 'queueMicrotask', 'performance', 'Date'] })
  try {
    await client.handleCallback(callback)
    expect(jest.getTimerCount()).toBe(0)
  } finally {
    jest.useRealTimers()
  }
})

test('what is remembered of sign-ins in a process is bounded: the oldest of a thousand others is forgotten', async () => {
  const { client } = openTab({ issuer: service.issuer, redirectUri })
  const begun = await callbackOf(client)
  const finished = await callbackOf(client)
  await client.handleCallback(finished)
  for (let count = 0; count < 1000; count++) {
    await client.signIn({ open: () => {} })
    await client.handleCallback(`${redirectUri}?code=c&state=${count}`).catch(() => {})
  }

  await expect(client.handleCallback(begun)).rejects.toMatchObject({ code: 'sign_in_failed' })
  await expect(client.handleCallback(finished)).rejects.toMatchObject({ code: 'sign_in_failed' })
})
