// A Redis of its own for one run: nothing persisted, a port that is free, gone at the end.
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'

/** `BENCHMARK_REDIS_URL` if it is set, otherwise a `redis-server` that is started here. */
export async function startRedis() {
  const given = process.env.BENCHMARK_REDIS_URL
  if (given !== undefined) return { url: given, stop: () => {} }
  const port = await freePort()
  const options = [
    '--port',
    String(port),
    '--bind',
    '127.0.0.1',
    '--save',
    '',
    '--appendonly',
    'no',
    '--dir',
    tmpdir(),
  ]
  const server = spawn('redis-server', options, { stdio: ['ignore', 'pipe', 'inherit'] })
  server.on('error', () => {
    console.error(
      'The benchmark needs a redis-server on PATH (Debian, Ubuntu: apt-get install redis-server).',
    )
    process.exit(1)
  })
  process.on('exit', () => server.kill())
  for (let log = ''; !log.includes('Ready to accept connections');)
    log += String(await once(server.stdout, 'data'))
  return { url: `redis://127.0.0.1:${port}`, stop: () => server.kill() }
}

async function freePort() {
  const probe = createServer().listen(0, '127.0.0.1')
  await once(probe, 'listening')
  const { port } = probe.address()
  probe.close()
  await once(probe, 'close')
  return port
}
