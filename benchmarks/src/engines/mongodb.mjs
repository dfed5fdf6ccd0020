// A real MongoDB, or none: figures from anything else would mean nothing.
import { spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import mongoose from 'mongoose'
import { freePort } from './free-port.mjs'

/**
 * `MONGODB_URL`; else a `mongod` that is started here, the one of `MONGOMS_SYSTEM_BINARY` or on PATH.
 *
 * @returns version, the url of a database that stop() drops, and stop; undefined where there is none
 */
export async function startMongodb() {
  const { url: base, kill } =
    process.env.MONGODB_URL === undefined
      ? await startMongod()
      : { url: process.env.MONGODB_URL, kill: () => {} }
  if (base === undefined) return undefined
  const url = new URL(base)
  url.pathname = `/oauth_ratchet_benchmark_${process.pid}`
  const connection = await mongoose.createConnection(String(url)).asPromise()
  const { version } = await connection.db.admin().serverInfo()
  const stop = async () => {
    await connection.dropDatabase()
    await connection.close()
    kill()
  }
  // The tests have a stand-in that speaks the protocol: no figure of it is MongoDB's.
  const { setName } = await connection.db.admin().command({ hello: 1 })
  if (setName !== 'stand-in') return { version, url: String(url), stop }
  await stop()
  return undefined
}

async function startMongod() {
  const program = process.env.MONGOMS_SYSTEM_BINARY ?? 'mongod'
  if (spawnSync(program, ['--version']).status !== 0) return {}
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
  return { url: `mongodb://127.0.0.1:${port}/`, kill: () => server.kill() }
}
