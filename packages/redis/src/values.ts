import type { Page, ValuePage, ValueRecord, ValueStore } from '@oauth-ratchet/core'

import type { Connection, Deadline } from './connection.js'
import { isWrongType } from './driver-errors.js'
import type { Keys } from './keys.js'
import { scanKeys } from './scan-keys.js'
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

  async scan(page: Page): Promise<ValuePage> {
    const deadline = this.#connection.deadline()
    const keyPrefix = this.#connection.driver.options.keyPrefix ?? ''
    const over = { listing: 'values', pattern: this.#keys.valuePattern(keyPrefix) } as const
    const { keys, ...rest } = await scanKeys(this.#connection, over, page, deadline)
    const found = await Promise.all(keys.map((key) => this.#read(key, keyPrefix, deadline)))
    return { ...rest, values: found.flatMap((each) => each ?? []) }
  }

  /** Undefined for what has expired since it was found, and for a key of others that looks like one of ours. */
  async #read(fullKey: string, keyPrefix: string, deadline: Deadline): Promise<ValueRecord | undefined> {
    const { kind, key } = this.#keys.markOrValue(fullKey, keyPrefix)
    const name = kind === 'mark' ? this.#keys.mark(key) : this.#keys.value(key)
    const entry = await this.#connection
      .send((commands) => commands.getexBuffer(name), deadline)
      .catch((error: unknown) => {
        if (isWrongType(error)) return null
        throw error
      })
    const [, until, content] = /^(\d+) ([^]*)$/.exec(entry?.toString() ?? '') ?? []
    if (until === undefined || content === undefined) return undefined
    const expiresAt = Number(until)
    return kind === 'mark'
      ? { kind, key, owner: content, expiresAt }
      : { kind, key, value: content, expiresAt }
  }
}

function unexpired(entry: Buffer | null, now: number): string | undefined {
  if (entry === null) return undefined
  const text = entry.toString()
  const space = text.indexOf(' ')
  return Number(text.slice(0, space)) > now ? text.slice(space + 1) : undefined
}
