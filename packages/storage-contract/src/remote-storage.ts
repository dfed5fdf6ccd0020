import { fork } from 'node:child_process'
import type { ChildProcess } from 'node:child_process'
import { once } from 'node:events'

import { CursorError, StorageError } from '@oauth-ratchet/core'
import type { ClientStore, GrantStore, Storage, ValueStore } from '@oauth-ratchet/core'

import type { WorkerProgram } from './harness.js'
import type { RemoteAnswer, RemoteCall, RemoteError, StoragePart } from './serve-storage.js'

/** A storage that lives in another process. */
export interface Worker {
  readonly grants: GrantStore
  readonly values: ValueStore
  readonly clients: ClientStore
  /** Lets the process close its storage and waits for its end. */
  stop(): Promise<void>
  /** Ends the process as a crash would, in the middle of whatever it does. */
  kill(): Promise<void>
}

/** Starts the program and resolves once it has opened the data. Rejects when it cannot, or ends before. */
export async function startWorker(program: WorkerProgram): Promise<Worker> {
  const child = fork(program.path, [...(program.args ?? [])], {
    serialization: 'advanced',
    execArgv: [...(program.execArgv ?? [])],
    env: { ...process.env, ...program.env },
  })
  const calls = new Calls(child)
  try {
    await calls.answerTo(0)
  } catch (error) {
    child.kill('SIGKILL')
    throw error
  }
  return {
    grants: calls.part('grants'),
    values: calls.part('values'),
    clients: calls.part('clients'),
    stop: () => end(child, () => (child.connected ? child.disconnect() : child.kill())),
    kill: () => end(child, () => child.kill('SIGKILL')),
  }
}

/** Several at once, so that they race for the opening too. All of them, or none is left running. */
export async function startWorkers(program: WorkerProgram, count: number): Promise<Worker[]> {
  const started = await Promise.allSettled(Array.from({ length: count }, () => startWorker(program)))
  const workers = started.flatMap((each) => (each.status === 'fulfilled' ? [each.value] : []))
  const failed = started.find((each) => each.status === 'rejected')
  if (failed === undefined) return workers
  await Promise.all(workers.map((worker) => worker.stop()))
  throw failed.reason
}

async function end(child: ChildProcess, how: () => void): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return
  const ended = once(child, 'exit')
  how()
  await ended
}

interface Waiting {
  readonly resolve: (value: unknown) => void
  readonly reject: (error: Error) => void
}

/** The calls that are under way in one worker. */
class Calls {
  readonly #child: ChildProcess
  readonly #waiting = new Map<number, Waiting>()
  #latest = 0

  constructor(child: ChildProcess) {
    this.#child = child
    child.on('message', (message: RemoteAnswer) => this.#settle(message))
    child.once('error', (error) => this.#rejectAll(error))
    child.once('exit', () => this.#rejectAll(new StorageError('The worker process has ended')))
  }

  answerTo(call: number): Promise<unknown> {
    return new Promise((resolve, reject) => {
      this.#waiting.set(call, { resolve, reject })
    })
  }

  /** An object on which every method is a call to the worker. */
  part<Part extends StoragePart>(part: Part): Storage[Part] {
    return new Proxy<Storage[Part]>(Object.create(null), {
      get:
        (_target, method) =>
        (...args: readonly unknown[]) =>
          this.#ask(part, String(method), args),
    })
  }

  #ask(part: StoragePart, method: string, args: readonly unknown[]): Promise<unknown> {
    this.#latest += 1
    const message: RemoteCall = { call: this.#latest, part, method, args }
    const answered = this.answerTo(message.call)
    // A worker that is being killed may still count as connected: then it is the sending that fails.
    const ended = (): void => this.#rejectAll(new StorageError('The worker process has ended'))
    if (this.#child.connected) this.#child.send(message, (error) => error && ended())
    else ended()
    return answered
  }

  #settle(message: RemoteAnswer): void {
    const waiting = this.#waiting.get(message.call)
    this.#waiting.delete(message.call)
    if ('error' in message) waiting?.reject(rebuilt(message.error))
    else waiting?.resolve(message.value)
  }

  #rejectAll(error: Error): void {
    for (const { reject } of this.#waiting.values()) reject(error)
    this.#waiting.clear()
  }
}

function rebuilt({ name, message, outcome }: RemoteError): Error {
  if (outcome !== undefined) return new StorageError(message, { outcome })
  return name === 'CursorError' ? new CursorError(message) : new Error(`${name}: ${message}`)
}
