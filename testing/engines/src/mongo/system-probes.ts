import { execFile } from 'node:child_process'
import { promisify } from 'node:util'
import { findOnPath } from '../executables.js'
import type { MongoProbes } from './choose-mongo.js'

async function versionOf(binary: string): Promise<string> {
  const { stdout } = await promisify(execFile)(binary, ['--version'], { timeout: 20_000 })
  const version = /db version v(\S+)/.exec(stdout)?.[1]
  if (version === undefined) throw new Error(`its --version says ${stdout.slice(0, 80)}`)
  return version
}

async function download(): Promise<string> {
  // Read by the library when it begins. Without a network each attempt fails at once, but the pauses between grow.
  process.env['MONGOMS_MAX_RETRIES'] ??= '2'
  const { MongoBinary } = await import('mongodb-memory-server-core')
  return MongoBinary.getPath()
}

export const systemProbes: MongoProbes = { env: process.env, findOnPath, versionOf, download }
