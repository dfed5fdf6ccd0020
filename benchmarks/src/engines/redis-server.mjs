// A Redis of its own for one run: nothing persisted, a port that is free, gone at the end.
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { tmpdir } from 'node:os'
import { Redis } from 'ioredis'
import { freePort } from './free-port.mjs'

/** Each call of url() gives a database of its own on the same server. */
export async function startRedis() {
  const port = await freePort()
  const parameters = ['--port', String(port), '--bind', '127.0.0.1', '--databases', '128']
  const unsaved = ['--save', '', '--appendonly', 'no', '--dir', tmpdir()]
  const server = spawn(process.env.REDIS_SERVER_BINARY ?? 'redis-server', [...parameters, ...unsaved], {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  server.on('error', () => {
    process.stderr.write(
      'The benchmark needs a redis-server, on PATH (Debian, Ubuntu: apt-get install redis-server) or in REDIS_SERVER_BINARY.\n',
    )
    process.exit(1)
  })
  process.on('exit', () => server.kill())
  for (let log = ''; !log.includes('Ready to accept connections');)
    log += String(await once(server.stdout, 'data'))
  server.stdout.resume()
  const base = `redis://127.0.0.1:${port}`
  const client = new Redis(base)
  let databases = 0
  return {
    version: /redis_version:(\S+)/.exec(await client.info('server'))?.[1] ?? 'of an unknown version',
    url: () => `${base}/${(databases += 1)}`,
    usedMemory: async () => Number(/used_memory:(\d+)/.exec(await client.info('memory'))?.[1]),
    stop: () => {
      client.disconnect()
      server.kill()
    },
  }
}
