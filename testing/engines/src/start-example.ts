import { existsSync } from 'node:fs'
import { freePort } from './free-port.js'
import { startProcess } from './owned-process.js'
import type { OwnedProcess } from './owned-process.js'

export interface RunningExample extends OwnedProcess {
  /** Where it listens. */
  readonly url: string
}

/**
 * Starts a built program of `examples/`, and waits until it has printed where it listens.
 *
 * @param env all of its environment, beside `PATH`; `PORT` is a free one unless it is there
 * @throws Error with its output when it ends before that
 */
export async function startExample(
  file: string,
  cwd: string,
  env: Readonly<Record<string, string>>,
): Promise<RunningExample> {
  if (!existsSync(file)) throw new Error(`${file} is not there: run npm run build first`)
  const port = env['PORT'] ?? String(await freePort())
  const url = `http://127.0.0.1:${port}`
  const all = { PATH: process.env['PATH'], OAUTH_SECRET: exampleSecret, ...env, PORT: port }
  const program = startProcess(process.execPath, [file], cwd, all)
  let over = false
  void program.exited.then(() => (over = true))
  while (!program.output().includes(url)) {
    if (over) throw new Error(`${file} ended: ${program.output()}`)
    await new Promise((resolve) => setTimeout(resolve, 20))
  }
  return { ...program, url }
}

const exampleSecret = 'PN2EB2Ou2bEhLZIWiQiNQslEQumtrsomyXr0JrT9vkD5MJro'
