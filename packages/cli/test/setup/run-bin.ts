import { spawn } from 'node:child_process'
import { join } from 'node:path'

const bin = join(__dirname, '..', '..', 'dist', 'esm', 'main.js')

export interface Ran {
  readonly code: number | null
  readonly stdout: string
  readonly stderr: string
  /** What was printed with `--json`. */
  json(): Record<string, unknown>
}

export interface RunOptions {
  readonly environment?: Readonly<Record<string, string>>
  readonly input?: string
  readonly folder?: string
}

/** Runs the built command as its users do, with an environment that has nothing but what is given. */
export function runBin(words: readonly string[], options: RunOptions = {}): Promise<Ran> {
  const { PATH = '', HOME = '' } = process.env
  const child = spawn(process.execPath, [bin, ...words], {
    env: { PATH, HOME, ...options.environment },
    cwd: options.folder,
  })
  const output = { stdout: '', stderr: '' }
  child.stdout.setEncoding('utf8').on('data', (text: string) => (output.stdout += text))
  child.stderr.setEncoding('utf8').on('data', (text: string) => (output.stderr += text))
  child.stdin.end(options.input ?? '')
  return new Promise((resolve, reject) => {
    child.once('error', reject)
    child.once('close', (code) => {
      resolve({ code, ...output, json: () => JSON.parse(output.stdout) as Record<string, unknown> })
    })
  })
}
