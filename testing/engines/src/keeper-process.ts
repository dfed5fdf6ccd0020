import { spawn, type ChildProcess } from 'node:child_process'
import { mkdtempSync } from 'node:fs'
import { Socket } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

/** In the environment of every test of a run: the directory in which its keeper listens. */
export const RUN_VARIABLE = 'OAUTH_RATCHET_ENGINES_RUN'

/** Starts the keeper and does not wait for it. It ends when its standard input does: at the latest with this process. */
export function startKeeper(): ChildProcess {
  const run = mkdtempSync(join(tmpdir(), 'oauth-ratchet-engines-'))
  const keeper = spawn(process.execPath, [join(__dirname, 'keeper-start.cjs'), join(run, 'keeper.sock')], {
    stdio: ['pipe', 'inherit', 'inherit'],
  })
  keeper.unref()
  if (keeper.stdin instanceof Socket) keeper.stdin.unref()
  process.env[RUN_VARIABLE] = run
  return keeper
}

/** Resolves when the keeper has stopped what it had started and has said what it had to say. */
export async function endKeeper(keeper: ChildProcess): Promise<void> {
  if (keeper.exitCode !== null || keeper.signalCode !== null) return
  const exited = new Promise<void>((resolve) => {
    keeper.ref()
    keeper.once('exit', () => resolve())
  })
  keeper.stdin?.end()
  await exited
}
