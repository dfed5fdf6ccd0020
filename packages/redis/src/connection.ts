import { StorageError } from '@oauth-ratchet/core'

import { connectionLosses } from './connection-losses.js'
import type { ConnectionLosses } from './connection-losses.js'
import type { Script } from './define-script.js'
import { isMixedPipeline, isUnknownScript, storageError } from './driver-errors.js'
import type { Commands, Driver } from './redis-client.js'

/** Sends commands through the app's client, and says of what failed whether it may have happened. */
export class Connection {
  readonly driver: Driver
  readonly #losses: ConnectionLosses

  constructor(driver: Driver) {
    this.driver = driver
    this.#losses = connectionLosses(driver)
  }

  /**
   * Runs a script where its keys are. It is sent by its hash, and in full only to a server that does not have it.
   *
   * @throws StorageError see {@link Connection.send}
   */
  async run(
    script: Script,
    keys: readonly string[],
    parameters: readonly (string | Buffer)[],
  ): Promise<unknown> {
    try {
      return await this.send((commands) =>
        commands.evalshaBuffer(script.sha, keys.length, ...keys, ...parameters),
      )
    } catch (error) {
      // Only then: after any other failure the script may have run.
      if (!isUnknownScript(error)) throw error
      return this.send((commands) => commands.evalBuffer(script.source, keys.length, ...keys, ...parameters))
    }
  }

  /**
   * Sends one command to where its key is.
   *
   * @throws StorageError see {@link Connection.attempt}
   */
  async send<Answer>(command: (commands: Commands) => Promise<Answer>): Promise<Answer> {
    try {
      return await this.attempt(() =>
        this.#mustSendAlone() ? this.#sendAlone(command) : command(this.driver),
      )
    } catch (error) {
      // Nothing of such a pipeline was sent.
      if (!isMixedPipeline(error)) throw error
      return this.attempt(() => this.#sendAlone(command))
    }
  }

  /**
   * Asks now, or not at all: while the client is not ready it would queue, and what is sent late happens when its
   * caller has long been told that it failed.
   *
   * @throws StorageError `not_applied` where that is certain
   */
  async attempt<Answer>(ask: () => Promise<Answer>): Promise<Answer> {
    this.#assertReady()
    const lossesBefore = this.#losses.count
    try {
      return await ask()
    } catch (error) {
      throw storageError(error, this.#losses.count === lossesBefore)
    }
  }

  #assertReady(): void {
    const { status, stream } = this.driver
    if (status === 'ready' && stream?.writable !== false) return
    throw new StorageError(`The Redis client is not ready (${status}).`, { outcome: 'not_applied' })
  }

  /**
   * An automatic pipeline goes where its first command goes. With `scaleReads` that may be one of the app's own
   * reads, on its way to a replica (ioredis before 5.9.3).
   */
  #mustSendAlone(): boolean {
    const { isCluster, options } = this.driver
    return isCluster && options.enableAutoPipelining === true && options.scaleReads !== 'master'
  }

  async #sendAlone<Answer>(command: (commands: Commands) => Promise<Answer>): Promise<Answer> {
    const pipeline = this.driver.pipeline()
    void command(pipeline)
    const [answer] = (await pipeline.exec()) ?? []
    if (answer === undefined) throw new Error('A pipeline was executed without an answer')
    const [error, result] = answer
    if (error !== null) throw error
    return result as Answer
  }
}
