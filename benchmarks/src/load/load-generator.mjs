// What puts the load on: load.c where there is a C compiler, else load-in-node.mjs.
import { spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { text } from 'node:stream/consumers'
import { fileURLToPath } from 'node:url'

const COMPILERS = ['cc', 'gcc', 'clang']

/** More than any work takes beside which a load runs. */
const LONGEST_SECONDS = '600'

/** What a generator has to send its first requests in. */
const STARTING_MS = 100

/**
 * @param preferred `node`: no compiler is looked for
 * @returns describe(), what it is and what it took; run(subject, port, tokens, amount), where amount is seconds (`'1.5'`) or
 *   requests of each connection (`'100x'`), and `tokens` are changed in place, so that a chain of rotations goes on where it
 *   was; runDuring(subject, port, tokens, work), the same for as long as `work()` goes on; spend(subject, port, tokens, connections), where each token is used once
 */
export function createLoadGenerator(preferred) {
  const [name, ...command] = (preferred === 'node' ? undefined : compiled()) ?? inNode()
  let requests = 0
  let cpuSeconds = 0
  const counted = async (subject, port, mode, tokens, amount, work) => {
    const figures = await run(command, subject, port, mode, tokens, amount, work)
    requests += figures.answered
    cpuSeconds += figures.cpuSeconds
    return figures
  }
  return {
    describe: () => {
      const micros =
        requests === 0
          ? ''
          : `, ${Math.round((cpuSeconds * 1e6) / requests)} µs of its processor time a request`
      return `${name}${micros}`
    },
    run: (subject, port, tokens, amount) => counted(subject, port, subject.mode ?? 'rotate', tokens, amount),
    runDuring: (subject, port, tokens, work) =>
      counted(subject, port, subject.mode ?? 'rotate', tokens, LONGEST_SECONDS, work),
    spend: (subject, port, tokens, connections) =>
      counted(subject, port, 'spend', tokens, String(connections)),
  }
}

function compiled() {
  const directory = mkdtempSync(join(tmpdir(), 'oauth-ratchet-load-'))
  process.on('exit', () => rmSync(directory, { recursive: true, force: true }))
  const program = join(directory, 'load')
  const source = fileURLToPath(new URL('load.c', import.meta.url))
  const compiler = COMPILERS.find(
    (each) => spawnSync(each, ['-O2', '-o', program, source], { stdio: 'ignore' }).status === 0,
  )
  return compiler === undefined ? undefined : [`C, compiled with ${compiler}`, program]
}

function inNode() {
  const script = fileURLToPath(new URL('load-in-node.mjs', import.meta.url))
  return ['Node, for no C compiler was used', process.execPath, script]
}

async function run([program, ...before], subject, port, mode, tokens, amount, work) {
  const parameters = [String(port), mode, amount, headOf(subject), bodyOf(subject)]
  const child = spawn(program, [...before, ...parameters], { stdio: ['pipe', 'pipe', 'inherit'] })
  child.stdin.end(`${tokens.join('\n')}\n`)
  const ended = Promise.all([text(child.stdout), once(child, 'exit')])
  if (work !== undefined) {
    await delay(STARTING_MS)
    try {
      await work()
    } finally {
      child.kill('SIGTERM')
    }
  }
  const [output, [status]] = await ended
  const lines = output.trim().split('\n')
  if (status !== 0) throw new Error(`The load on ${subject.name} ended with ${status}.`)
  const figures = JSON.parse(lines.pop())
  if (figures.failed > 0)
    throw new Error(`${figures.failed} connections to ${subject.name} were refused: see above.`)
  tokens.splice(0, tokens.length, ...lines)
  return figures
}

/** Request line and headers; a subject without a form is asked by GET. */
function headOf({ path, form, headers }) {
  const lines = [
    `${form === undefined ? 'GET' : 'POST'} ${path} HTTP/1.1`,
    'Host: 127.0.0.1',
    form !== undefined && 'Content-Type: application/x-www-form-urlencoded',
    headers,
  ]
  return lines
    .filter(Boolean)
    .map((line) => `${line}\r\n`)
    .join('')
}

function bodyOf({ form }) {
  return form === undefined ? '' : `${form}{token}`
}
