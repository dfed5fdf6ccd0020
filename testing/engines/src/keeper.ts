import { existsSync, readFileSync, rmSync } from 'node:fs'
import { createServer, type ServerResponse } from 'node:http'
import { dirname } from 'node:path'
import { createEngines } from './engines.js'
import { keeperFiles, notRunLines } from './not-run.js'
import { own } from './reaper.js'

// The process that keeps the engines of one run of the tests. Test files ask it through a socket; it starts an engine
// when the first of them asks, and stops everything when its standard input ends, which is when the run is over,
// whether it went well or was killed.

const [, , socket = ''] = process.argv
const run = dirname(socket)

function say(line: string): void {
  process.stderr.write(`${line}\n`)
}

const engines = createEngines(say)

const ANSWERS: Readonly<Record<string, () => Promise<unknown>>> = {
  '/redis': engines.redis,
  '/redis-binary': engines.redisBinary,
  '/mongo': engines.mongo,
}

async function answer(path: string, response: ServerResponse): Promise<void> {
  // The first engine needs the reaper anyhow: it then knows of this directory too.
  own(run)
  try {
    const result = await ANSWERS[path]?.()
    response.writeHead(result === undefined ? 404 : 200).end(JSON.stringify(result))
  } catch (error) {
    response.writeHead(500).end(error instanceof Error ? error.message : String(error))
  }
}

const server = createServer((request, response) => {
  void answer(request.url ?? '', response)
})

let ending = false

async function end(): Promise<void> {
  if (ending) return
  ending = true
  server.close()
  try {
    await engines.stop()
  } catch (error) {
    say(`engines: could not be stopped: ${String(error)}`)
  }
  const { notRun } = keeperFiles(run)
  if (existsSync(notRun)) for (const line of notRunLines(readFileSync(notRun, 'utf8'))) say(line)
  rmSync(run, { recursive: true, force: true })
  process.exit()
}

server.listen(socket)
process.stdin.resume().on('end', () => void end())
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, () => void end())
