import { spawn } from 'node:child_process'
import { Socket } from 'node:net'
import { disown, own } from './reaper.js'

export interface OwnedProcess {
  readonly pid: number
  /** Resolves when the process is gone; never rejects. */
  readonly exited: Promise<void>
  readonly isRunning: () => boolean
  /** The last of what it wrote, for error messages. */
  readonly output: () => string
  readonly signal: (signal: NodeJS.Signals) => void
  /** Asks it to end, and ends it where it does not. */
  readonly stop: (graceMs?: number) => Promise<void>
}

const KEPT_OUTPUT = 4000

/** Starts a program that is ended with this process, however this process ends. */
export function startProcess(
  command: string,
  args: readonly string[],
  cwd: string,
  env: NodeJS.ProcessEnv = process.env,
): OwnedProcess {
  const child = spawn(command, args, { cwd, env, stdio: ['ignore', 'pipe', 'pipe'] })
  const { pid } = child
  let output = ''
  let running = pid !== undefined
  const collect = (chunk: Buffer): void => {
    output = (output + chunk.toString()).slice(-KEPT_OUTPUT)
  }
  child.stdout.on('data', collect)
  child.stderr.on('data', collect)
  const exited = new Promise<void>((resolve) => {
    const gone = (): void => {
      if (running && pid !== undefined) disown(pid)
      running = false
      resolve()
    }
    child.once('exit', gone)
    child.once('error', (error) => {
      output += String(error)
      gone()
    })
  })
  if (pid !== undefined) own(pid)
  // A test that forgets to stop it still comes to its end, and the reaper to its turn.
  child.unref()
  for (const stream of [child.stdout, child.stderr]) if (stream instanceof Socket) stream.unref()
  const signal = (name: NodeJS.Signals): void => {
    if (running) child.kill(name)
  }
  return {
    pid: pid ?? -1,
    exited,
    isRunning: () => running,
    output: () => output,
    signal,
    stop: async (graceMs = 3000) => {
      signal('SIGCONT')
      signal('SIGTERM')
      const impatience = setTimeout(() => signal('SIGKILL'), graceMs)
      await exited
      clearTimeout(impatience)
    },
  }
}
