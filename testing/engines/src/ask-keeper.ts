import { execFile, execFileSync } from 'node:child_process'
import { promisify } from 'node:util'
import type { MongoEngine, RedisEngine } from './engines.js'
import { keeperFiles } from './not-run.js'
import { RUN_VARIABLE, startKeeper } from './keeper-process.js'

export interface Answers {
  readonly '/redis': RedisEngine
  readonly '/redis-binary': string
  readonly '/mongo': MongoEngine
}

// A process of its own that waits for the answer, because `describeWithMongod` has to know it at once: Jest collects
// tests synchronously. The keeper may still be starting, so that a refused connection is tried again for a while.
const ASK = `
const { request } = require('node:http')
const [, socketPath, path] = process.argv
const deadline = Date.now() + 20000
function ask() {
  request({ socketPath, path, agent: false }, (response) => {
    let text = ''
    response.setEncoding('utf8').on('data', (chunk) => (text += chunk)).on('end', () => {
      process.stdout.write(JSON.stringify(response.statusCode === 200 ? { answer: JSON.parse(text) } : { error: text }))
    })
  }).on('error', (error) => {
    if (Date.now() < deadline && ['ENOENT', 'ECONNREFUSED'].includes(error.code)) setTimeout(ask, 20)
    else process.stdout.write(JSON.stringify({ error: 'the keeper of the engines does not answer: ' + error.message }))
  }).end()
}
ask()
`

/** The directory of this run. Where Jest has no globalSetup of ours, this process gets a keeper of its own. */
export function runDirectory(): string {
  if (!process.env[RUN_VARIABLE]) startKeeper()
  return process.env[RUN_VARIABLE] ?? ''
}

function command(path: string): string[] {
  return ['-e', ASK, keeperFiles(runDirectory()).socket, path]
}

function read<P extends keyof Answers>(path: P, output: string): Answers[P] {
  const said: { answer?: Answers[P]; error?: string } = JSON.parse(output)
  if (said.answer === undefined) throw new Error(said.error ?? `the keeper of the engines has no ${path}`)
  return said.answer
}

export async function askKeeper<P extends keyof Answers>(path: P): Promise<Answers[P]> {
  const { stdout } = await promisify(execFile)(process.execPath, command(path), { encoding: 'utf8' })
  return read(path, stdout)
}

export function askKeeperSync<P extends keyof Answers>(path: P): Answers[P] {
  return read(path, execFileSync(process.execPath, command(path), { encoding: 'utf8' }))
}
