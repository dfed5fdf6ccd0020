import { spawn, type ChildProcess } from 'node:child_process'
import { Socket } from 'node:net'
import { join } from 'node:path'

type Thing = number | string

let reaper: ChildProcess | undefined
const owned = new Set<Thing>()

function tell(message: { add: Thing } | { remove: Thing }): void {
  if (!reaper) {
    // In a session of its own, so that the Ctrl-C that ends the tests does not end it first.
    reaper = spawn(process.execPath, [join(__dirname, 'reaper-process.cjs')], {
      detached: true,
      stdio: ['pipe', 'ignore', 'ignore'],
    })
    reaper.unref()
    if (reaper.stdin instanceof Socket) reaper.stdin.unref()
  }
  reaper.stdin?.write(`${JSON.stringify(message)}\n`)
}

/** From now on this process id or directory goes when this process goes, even by SIGKILL. */
export function own(thing: Thing): void {
  if (owned.has(thing)) return
  owned.add(thing)
  tell({ add: thing })
}

export function disown(thing: Thing): void {
  owned.delete(thing)
  tell({ remove: thing })
  if (owned.size > 0) return
  reaper?.stdin?.end()
  reaper = undefined
}
