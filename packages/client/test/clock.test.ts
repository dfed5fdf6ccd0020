import { startService } from './setup/service'
import type { Service } from './setup/service'
import { closeTabs, openTab } from './setup/tabs'

let service: Service
afterEach(async () => {
  closeTabs()
  await service.close()
})

const hour = 3_600_000

test.each([-hour, hour])(
  'a device whose clock is %i ms off refreshes when the token ends, not before',
  async (off) => {
    let passed = 0
    service = await startService({ now: () => Date.now() + passed, accessToken: { lifetime: 600 } })
    const fetchWithDate: typeof fetch = async (input, init) => {
      const response = await fetch(input, init)
      const headers = new Headers(response.headers)
      headers.set('date', new Date(Date.now() + passed).toUTCString())
      return new Response(response.body, { status: response.status, headers })
    }
    const { client } = openTab({
      issuer: service.issuer,
      fetch: fetchWithDate,
      now: () => Date.now() + passed + off,
    })
    await client.adopt(await service.signedIn())
    // The first refresh learns the server's clock from its answer.
    const first = await client.getAccessToken()
    await client.getAccessToken({ rejected: first ?? '' })
    passed = 400_000
    await client.getAccessToken()
    expect(service.refreshes).toHaveLength(1)

    passed = 601_000
    await client.getAccessToken()
    expect(service.refreshes).toHaveLength(2)
  },
)

test('a device clock that is put back in between does not keep a token past its end', async () => {
  let now = Date.now()
  let monotonic = 0
  const clock = jest.spyOn(performance, 'now').mockImplementation(() => monotonic)
  service = await startService({ accessToken: { lifetime: 600 } })
  const { client } = openTab({ issuer: service.issuer, now: () => now })
  await client.adopt(await service.signedIn())

  now -= hour
  monotonic += 601_000
  await client.getAccessToken()
  clock.mockRestore()

  expect(service.refreshes).toHaveLength(1)
})

test('near its end a token is refreshed in the background, and used as long as it is good', async () => {
  let passed = 0
  service = await startService({ accessToken: { lifetime: 600 } })
  const { client } = openTab({ issuer: service.issuer, now: () => Date.now() + passed })
  const tokens = await service.signedIn()
  await client.adopt(tokens)
  const refreshed = new Promise<void>((resolve) => {
    client.on('refreshed', () => resolve())
  })

  passed = 590_000
  await expect(client.getAccessToken()).resolves.toBe(tokens.access_token)
  await refreshed
  await expect(client.getAccessToken()).resolves.not.toBe(tokens.access_token)
})

test('the end of the refresh token is announced, and a refusal after it is an expiry', async () => {
  let passed = 0
  service = await startService({
    now: () => Date.now() + passed,
    refreshToken: { idleLifetime: 3600, absoluteLifetime: null },
  })
  const { client, events } = openTab({ issuer: service.issuer, now: () => Date.now() + passed })
  await client.adopt(await service.signedIn())

  passed = 2 * hour
  await expect(client.getAccessToken()).resolves.toBeUndefined()

  expect(events.at(-1)).toBe('signed-out expired')
})
