import { randomBytes } from 'node:crypto'
import { ENGINE_TIMEOUT_MS, sharedMongo, sharedRedis } from '@oauth-ratchet/engines'
import { temporaryFolder } from './support/server-process.js'
import { callApi, passwordGrant, refresh, tokensOf } from './support/tokens.js'
import { eventsOf, expectOneSuccessor, expectOneWinner, twoProcesses } from './support/two-processes.js'

const folder = temporaryFolder()

/** Each run has a database of its own on the engine that the whole run shares. */
const stores: Readonly<Record<string, () => Promise<string>>> = {
  redis: async () => `${(await sharedRedis()).url.replace(/\/\d*$/, '')}/9`,
  mongodb: async () => {
    const url = new URL((await sharedMongo()).url)
    url.pathname = `/example_${randomBytes(4).toString('hex')}`
    return url.href
  },
}

describe.each(Object.keys(stores))('two server processes behind one %s', (name) => {
  let url = ''

  beforeAll(async () => {
    url = (await stores[name]?.()) ?? ''
  }, ENGINE_TIMEOUT_MS)

  test(
    '50 parallel uses of one refresh token: one 200, and the replays end the grant, told once',
    async () => {
      const { one, two, secret, stop } = await twoProcesses(folder, { STORAGE_URL: url })
      await expectOneWinner(one, two, secret)
      expect(await stop()).toEqual([0, 0])
      expect([one, two].flatMap((server) => eventsOf(server, 'grant.reuse_detected'))).toHaveLength(1)
    },
    ENGINE_TIMEOUT_MS,
  )

  test(
    'with REUSE_GRACE=10 all 50 get one and the same successor',
    async () => {
      const { one, two, secret, stop } = await twoProcesses(folder, { STORAGE_URL: url, REUSE_GRACE: '10' })
      await expectOneSuccessor(one, two, secret)
      await stop()
    },
    ENGINE_TIMEOUT_MS,
  )

  test('a chain of refreshes goes on at whichever process, and what one ends is dead at the other', async () => {
    const { one, two, secret, stop } = await twoProcesses(folder, { STORAGE_URL: url })
    const { tokens: first } = await passwordGrant(one.url, secret)
    let tokens = first
    for (let turn = 0; turn < 10; turn++) {
      tokens = tokensOf(await refresh((turn % 2 ? one : two).url, secret, tokens.refresh))
    }
    expect((await callApi(two.url, '/me', tokens.access)).status).toBe(200)

    expect((await refresh(one.url, secret, first.refresh)).body['error']).toBe('invalid_grant')

    expect((await callApi(two.url, '/me', tokens.access)).status).toBe(401)
    expect((await refresh(two.url, secret, tokens.refresh)).body['error']).toBe('invalid_grant')
    await stop()
  })
})
