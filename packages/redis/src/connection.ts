import { StorageError } from '@oauth-ratchet/core'

import { connectionLosses } from './connection-losses.js'
import type { ConnectionLosses } from './connection-losses.js'
import type { Script } from './define-script.js'
import { GatheredWrites } from './gathered-writes.js'
import { isMixedPipeline, isUnknownScript, storageError } from './driver-errors.js'
import type { Commands, Driver } from './redis-client.js'

/** Until when one call of the storage may send something, on the clock of `performance.now()`. */
export type Deadline = number

/**
 * One command, given to whom it is sent through.
 *
 * @param inFull whether the server turned out not to know its script by the hash
 */
type Command<Answer> = (commands: Commands, inFull: boolean) => Promise<Answer>

/** Sends commands through the app's client, and says of what failed whether it may have happened. */
export class Connection {
  readonly driver: Driver
  readonly #timeoutMs: number
  readonly #losses: ConnectionLosses
  readonly #writes: GatheredWrites

  /** @param timeoutMs how long after its beginning a call may send something */
  constructor(driver: Driver, timeoutMs: number) {
    this.driver = driver
    this.#timeoutMs = timeoutMs
    this.#losses = connectionLosses(driver)
    this.#writes = new GatheredWrites(driver)
  }

  /**
   * For a call that begins now. One that takes several steps hands it to each: what it would send afterwards happens
   * when its caller has long had an error, and is taken for somebody else's. A call of one step needs none.
   */
  deadline(): Deadline {
    return performance.now() + this.#timeoutMs
  }

  /**
   * Runs a script where its keys are. It is sent by its hash, and in full only to a server that does not have it.
   *
   * @throws StorageError see {@link Connection.send}
   */
  run(
    script: Script,
    keys: readonly string[],
    parameters: readonly (string | Buffer)[],
    deadline?: Deadline,
  ): Promise<unknown> {
    return this.send(
      (commands, inFull) =>
        inFull
          ? commands.evalBuffer(script.source, keys.length, ...keys, ...parameters)
          : commands.evalshaBuffer(script.sha, keys.length, ...keys, ...parameters),
      deadline,
    )
  }

  /**
   * Sends one command to where its key is, now or not at all: while the client is not ready it would queue, and what
   * is sent late happens when its caller has long had an error.
   *
   * @throws StorageError `not_applied` where that is certain
   */
  async send<Answer>(command: Command<Answer>, deadline = this.deadline()): Promise<Answer> {
    const lossesBefore = this.#losses.count
    let alone = this.#mustSendAlone()
    let inFull = false
    let outcome: StorageError['outcome'] = 'not_applied'
    for (;;) {
      this.#assertMaySend(deadline, outcome)
      this.#writes.begin()
      try {
        return await (alone ? this.#sendAlone(command, inFull) : command(this.driver, inFull))
      } catch (error) {
        const failure = storageError(error, this.#losses.count === lossesBefore)
        // Nothing of such a pipeline was sent.
        if (!alone && isMixedPipeline(error)) alone = true
        // Only then: after any other failure the script may have run.
        else if (!inFull && isUnknownScript(error)) inFull = true
        else throw failure
        outcome = failure.outcome
      }
    }
  }

  /**
   * Asks what is no command of one key, such as a walk over all of a server's.
   *
   * @throws StorageError see {@link Connection.send}
   */
  async ask<Answer>(question: () => Promise<Answer>, deadline: Deadline): Promise<Answer> {
    this.#assertMaySend(deadline, 'not_applied')
    const lossesBefore = this.#losses.count
    try {
      return await question()
    } catch (error) {
      throw storageError(error, this.#losses.count === lossesBefore)
    }
  }

  /** @param outcome what is known of the call so far */
  #assertMaySend(deadline: Deadline, outcome: StorageError['outcome']): void {
    const { status, stream } = this.driver
    if (status !== 'ready' || stream?.writable === false) {
      throw new StorageError(`The Redis client is not ready (${status}).`, { outcome })
    }
    if (performance.now() >= deadline) {
      throw new StorageError(`Redis took longer than ${this.#timeoutMs} ms, and was asked no further.`, {
        outcome,
      })
    }
  }

  /**
   * An automatic pipeline goes where its first command goes. With `scaleReads` that may be one of the app's own
   * reads, on its way to a replica (ioredis before 5.9.3).
   */
  #mustSendAlone(): boolean {
    const { isCluster, options } = this.driver
    return isCluster && options.enableAutoPipelining === true && options.scaleReads !== 'master'
  }

  async #sendAlone<Answer>(command: Command<Answer>, inFull: boolean): Promise<Answer> {
    const pipeline = this.driver.pipeline()
    void command(pipeline, inFull)
    const [answer] = (await pipeline.exec()) ?? []
    if (answer === undefined) throw new Error('A pipeline was executed without an answer')
    const [error, result] = answer
    if (error !== null) throw error
    return result as Answer
  }
}
