import type { ValueStore } from '@oauth-ratchet/core'

import type { Connection } from './connection.js'
import type { Keys } from './keys.js'
import { timeArgument } from './script-arguments.js'
import { valueMark } from './scripts.js'

/** Marks and values, one key each: when it expires, a space, and the mark's owner or the value. */
export class RedisValues implements ValueStore {
  readonly #connection: Connection
  readonly #keys: Keys

  constructor(connection: Connection, keys: Keys) {
    this.#connection = connection
    this.#keys = keys
  }

  async mark(key: string, owner: string, expiresAt: number, now: number): Promise<boolean> {
    const parameters = [owner, timeArgument(expiresAt), String(now)]
    return Number(await this.#connection.run(valueMark, [this.#keys.mark(key)], parameters)) === 1
  }

  async isMarked(key: string, now: number): Promise<boolean> {
    const mark = await this.#connection.send((commands) => commands.getexBuffer(this.#keys.mark(key)))
    return unexpired(mark, now) !== undefined
  }

  async stash(key: string, value: string, expiresAt: number): Promise<void> {
    const until = timeArgument(expiresAt)
    await this.#connection.send((commands) =>
      commands.set(this.#keys.value(key), `${until} ${value}`, 'PXAT', until),
    )
  }

  async peek(key: string, now: number): Promise<string | undefined> {
    return unexpired(
      await this.#connection.send((commands) => commands.getexBuffer(this.#keys.value(key))),
      now,
    )
  }

  async take(key: string, now: number): Promise<string | undefined> {
    return unexpired(
      await this.#connection.send((commands) => commands.getdelBuffer(this.#keys.value(key))),
      now,
    )
  }
}

function unexpired(entry: Buffer | null, now: number): string | undefined {
  if (entry === null) return undefined
  const text = entry.toString()
  const space = text.indexOf(' ')
  return Number(text.slice(0, space)) > now ? text.slice(space + 1) : undefined
}
