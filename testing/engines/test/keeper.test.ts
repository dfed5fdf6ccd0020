import type { ChildProcess } from 'node:child_process'
import { existsSync } from 'node:fs'
import { askKeeper } from '../src/ask-keeper.js'
import { askRedis, ENGINE_TIMEOUT_MS, waitUntil } from '../src/index.js'
import { endKeeper, RUN_VARIABLE, startKeeper } from '../src/keeper-process.js'

async function isGone(url: string): Promise<boolean> {
  return askRedis(url, 'PING').then(
    () => false,
    () => true,
  )
}

describe('the keeper of the engines', () => {
  const outer = process.env[RUN_VARIABLE]
  let keeper: ChildProcess
  let run: string

  beforeEach(() => {
    // Whatever Redis the run has: this one is the keeper's own, so that its end can be watched.
    delete process.env['REDIS_URL']
    keeper = startKeeper()
    run = process.env[RUN_VARIABLE] ?? ''
  })

  const redisUrl = process.env['REDIS_URL']

  afterEach(async () => {
    await endKeeper(keeper)
    if (redisUrl !== undefined) process.env['REDIS_URL'] = redisUrl
    if (outer === undefined) delete process.env[RUN_VARIABLE]
    else process.env[RUN_VARIABLE] = outer
  })

  it(
    'starts an engine when it is first asked for, once, and stops it at the end',
    async () => {
      const [first, second] = await Promise.all([askKeeper('/redis'), askKeeper('/redis')])
      expect(second).toEqual(first)
      expect(await askRedis(first.url, 'PING')).toBe('PONG')
      await endKeeper(keeper)
      expect(await isGone(first.url)).toBe(true)
      expect(existsSync(run)).toBe(false)
    },
    ENGINE_TIMEOUT_MS,
  )

  it(
    'has its engines ended even when it is killed itself',
    async () => {
      const { url } = await askKeeper('/redis')
      keeper.kill('SIGKILL')
      await waitUntil('Redis is gone', () => isGone(url))
      await waitUntil('the directory of the run is gone', () => !existsSync(run))
      expect(await isGone(url)).toBe(true)
    },
    ENGINE_TIMEOUT_MS,
  )
})
