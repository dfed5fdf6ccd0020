import { spawn } from 'node:child_process'
import type { ChildProcess } from 'node:child_process'
import { existsSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'

const main = resolve(__dirname, '../../dist/main.js')

type Environment = Readonly<Record<string, string>>

/** A folder for one test file's servers, removed when its tests are over. */
export function temporaryFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'oauth-ratchet-example-'))
  afterAll(() => rmSync(folder, { recursive: true, force: true }))
  return folder
}

const running = new Set<ChildProcess>()
// Also those of tests that failed half-way.
afterAll(() => {
  for (const child of running) child.kill('SIGKILL')
})

/** The example server as a process of its own, as `npm start` runs it. */
export class ServerProcess {
  readonly #child: ChildProcess
  readonly #exited: Promise<number | string>
  #stdout = ''
  #stderr = ''

  private constructor(environment: Environment, folder: string) {
    if (!existsSync(main)) throw new Error('examples/server/dist is not there: run `npm run build` first')
    // Nothing of the test's own environment, in which npm has set variables and a developer may have set others.
    const env = { PATH: process.env['PATH'] ?? '', PORT: '0', ...environment }
    this.#child = spawn(process.execPath, [main], { cwd: folder, env, stdio: ['ignore', 'pipe', 'pipe'] })
    this.#child.stdout?.setEncoding('utf8').on('data', (text: string) => (this.#stdout += text))
    this.#child.stderr?.setEncoding('utf8').on('data', (text: string) => (this.#stderr += text))
    running.add(this.#child)
    this.#exited = new Promise((done) => {
      this.#child.once('close', (code, signal) => {
        running.delete(this.#child)
        done(code ?? signal ?? 'nothing')
      })
    })
  }

  /** Starts one and waits until it serves. */
  static async start(environment: Environment, folder: string): Promise<ServerProcess> {
    const server = new ServerProcess(environment, folder)
    const serving = server.#until(() => /Ctrl-C/.test(server.#stdout))
    const exited = server.#exited.then((code) => {
      throw new Error(`The server exited with ${code}: ${server.#stderr}`)
    })
    await Promise.race([serving, exited])
    exited.catch(() => undefined)
    return server
  }

  /** Runs one that is expected to end by itself. */
  static async run(environment: Environment, folder: string) {
    const server = new ServerProcess(environment, folder)
    const code = await server.#exited
    return { code, stdout: server.#stdout, stderr: server.#stderr }
  }

  /** Where it listens. */
  get url(): string {
    return /example server: (\S+)/.exec(this.#stdout)?.[1] ?? ''
  }

  /** What it has printed for people. */
  get stdout(): string {
    return this.#stdout
  }

  /** What it has logged. */
  get stderr(): string {
    return this.#stderr
  }

  /** The secret of a demo client, as printed. */
  secretOf(client: string): string {
    const secret = new RegExp(String.raw`^[ ]+${client} +([\w-]{43})$`, 'm').exec(this.#stdout)?.[1]
    if (secret === undefined) throw new Error(`no secret of ${client} was printed`)
    return secret
  }

  signal(signal: NodeJS.Signals): void {
    this.#child.kill(signal)
  }

  /** @returns its exit code, or the signal that ended it */
  async stop(signal: NodeJS.Signals = 'SIGTERM'): Promise<number | string> {
    this.signal(signal)
    return this.#exited
  }

  /** Its exit code, or the signal that ended it, once it has ended. */
  get exited(): Promise<number | string> {
    return this.#exited
  }

  #until(condition: () => boolean): Promise<void> {
    return new Promise((done) => {
      const look = () => condition() && done()
      this.#child.stdout?.on('data', look)
    })
  }
}
