import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

import { freePort, waitUntil } from '@oauth-ratchet/engines'
import mongoose from 'mongoose'

export interface StandaloneMongod {
  readonly url: string
  stop(): Promise<void>
}

/** A mongod that belongs to no replica set: it has no oplog, so no retryable writes and no linearizable reads. */
export async function startStandaloneMongod(binary: string): Promise<StandaloneMongod> {
  const folder = mkdtempSync(join(tmpdir(), 'oauth-ratchet-mongod-'))
  const port = await freePort()
  const args = ['--dbpath', folder, '--bind_ip', '127.0.0.1', '--port', String(port), '--quiet']
  const server = spawn(binary, args, { stdio: 'ignore' })
  const ended = once(server, 'exit')
  const url = `mongodb://127.0.0.1:${port}/`
  const stop = async (): Promise<void> => {
    server.kill('SIGKILL')
    await ended
    rmSync(folder, { recursive: true, force: true })
  }
  try {
    await waitUntil('the server answers', () => answers(url), { timeoutMs: 60_000, everyMs: 200 })
  } catch (error) {
    await stop()
    throw error
  }
  return { url, stop }
}

async function answers(url: string): Promise<boolean> {
  const client = new mongoose.mongo.MongoClient(url, { serverSelectionTimeoutMS: 1000 })
  try {
    await client.db('admin').command({ ping: 1 })
    return true
  } finally {
    await client.close()
  }
}
