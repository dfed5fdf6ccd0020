// A real MongoDB, or none: figures from anything else would mean nothing.
import { spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { freePort } from './free-port.mjs'

/**
 * `MONGODB_URL`; else a `mongod` that is started here, the one of `MONGOMS_SYSTEM_BINARY` or on PATH.
 *
 * @returns version, url and stop; undefined where there is none
 */
export async function startMongodb() {
  if (process.env.MONGODB_URL !== undefined) {
    return { version: 'at MONGODB_URL', url: databaseAt(process.env.MONGODB_URL), stop: () => {} }
  }
  const program = process.env.MONGOMS_SYSTEM_BINARY ?? 'mongod'
  const { status, stdout } = spawnSync(program, ['--version'], { encoding: 'utf8' })
  if (status !== 0) return undefined
  const directory = mkdtempSync(join(tmpdir(), 'oauth-ratchet-mongodb-'))
  const port = await freePort()
  const parameters = ['--port', String(port), '--bind_ip', '127.0.0.1', '--dbpath', directory]
  const server = spawn(program, parameters, { stdio: ['ignore', 'pipe', 'inherit'] })
  process.on('exit', () => {
    server.kill('SIGKILL')
    rmSync(directory, { recursive: true, force: true, maxRetries: 5 })
  })
  for (let log = ''; !log.includes('Waiting for connections');)
    log += String(await once(server.stdout, 'data'))
  server.stdout.resume()
  const version = /db version v(\S+)/.exec(stdout)?.[1] ?? 'of an unknown version'
  return { version, url: databaseAt(`mongodb://127.0.0.1:${port}/`), stop: () => server.kill() }
}

function databaseAt(url) {
  const named = new URL(url)
  named.pathname = `/oauth_ratchet_benchmark_${process.pid}`
  return String(named)
}
