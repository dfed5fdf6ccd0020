import { ENGINE_TIMEOUT_MS, sharedRedis } from '@oauth-ratchet/engines'

import { driverOf } from '../src/redis-client.js'
import type { RedisClient } from '../src/redis-client.js'
import { OpenedStorages } from './fixtures/opened-storages.js'
import { sampleGrant, turnOf } from './fixtures/sample-grant.js'

// Faults that no server can be made to have: what older drivers say of commands that they have not sent.

let url = ''
const opened = new OpenedStorages()

beforeAll(async () => {
  ;({ url } = await sharedRedis())
}, ENGINE_TIMEOUT_MS)

afterEach(() => jest.restoreAllMocks())
afterAll(() => opened.close())

const MIXED = 'All keys in the pipeline should belong to the same slots allocation group'

/** The command of this name fails once in the driver. */
function failOnce(
  client: RedisClient,
  command: 'evalshaBuffer' | 'getexBuffer',
  message: string,
): jest.SpyInstance {
  return jest.spyOn(driverOf(client), command).mockRejectedValueOnce(new Error(message))
}

describe('a command that an automatic pipeline refused to send', () => {
  it('is sent alone', async () => {
    const { client, storage } = await opened.open(url)
    const record = sampleGrant()
    await storage.grants.create(record)
    const failing = failOnce(client, 'evalshaBuffer', MIXED)
    const { turned } = await storage.grants.turn(record.id, ...turnOf(record))
    expect(turned).toBe(true)
    expect(failing).toHaveBeenCalledTimes(1)
    failOnce(client, 'getexBuffer', MIXED)
    expect((await storage.grants.find(record.id))?.generation).toBe(2)
  })
})

describe('any other failure', () => {
  it.each([
    ['Connection is closed.', 'unknown'],
    ['Command timed out', 'unknown'],
    ['ERR something in the script: NOSCRIPT', 'unknown'],
    ["OOM command not allowed when used memory > 'maxmemory'.", 'not_applied'],
  ])('is told as it is and the script is sent once: %s', async (message, outcome) => {
    const { client, storage } = await opened.open(url)
    const record = sampleGrant()
    await storage.grants.create(record)
    const failing = failOnce(client, 'evalshaBuffer', message)
    const whole = jest.spyOn(driverOf(client), 'evalBuffer')
    await expect(storage.grants.turn(record.id, ...turnOf(record))).rejects.toMatchObject({ outcome })
    expect(failing).toHaveBeenCalledTimes(1)
    expect(whole).not.toHaveBeenCalled()
    expect((await storage.grants.find(record.id))?.generation).toBe(1)
  })

  it('thrown instead of answered is a StorageError too', async () => {
    const { client, storage } = await opened.open(url)
    jest.spyOn(client, 'getexBuffer').mockImplementationOnce(() => {
      throw new TypeError('slots is undefined')
    })
    await expect(storage.grants.find('id')).rejects.toMatchObject({
      name: 'StorageError',
      outcome: 'unknown',
    })
  })
})
