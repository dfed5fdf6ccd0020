import type { GrantRecord } from '@oauth-ratchet/core'

import type { Connection, Deadline } from './connection.js'
import type { Script } from './define-script.js'
import { isWrongType } from './driver-errors.js'
import { decodeGrant, UnreadableGrant } from './grant-record.js'
import type { Keys } from './keys.js'
import { packStrings } from './packed-strings.js'
import { grantFindOfClient } from './scripts.js'

/** What most scripts answer: whether they did what they are for, and the record if there is one. */
export interface ScriptAnswer {
  readonly done: boolean
  readonly grant: GrantRecord | undefined
}

const YES = 0x31

/** The grants in their keys: every call is one command for one key. */
export class StoredGrants {
  readonly #connection: Connection
  readonly #keys: Keys

  constructor(connection: Connection, keys: Keys) {
    this.#connection = connection
    this.#keys = keys
  }

  /** @throws UnreadableGrant */
  async find(id: string, deadline?: Deadline): Promise<GrantRecord | undefined> {
    const value = await this.#connection.send(
      (commands) => commands.getexBuffer(this.#keys.grant(id)),
      deadline,
    )
    return value === null ? undefined : decodeGrant(id, value)
  }

  /**
   * The grant if it is the client's, which the server finds out: others cost no transfer.
   *
   * @throws UnreadableGrant whosever it is
   */
  async findOfClient(id: string, clientId: string, deadline: Deadline): Promise<GrantRecord | undefined> {
    const value = await this.run(grantFindOfClient, id, [packStrings([clientId])], deadline)
    return value === null ? undefined : decodeGrant(id, value)
  }

  run(
    script: Script,
    id: string,
    parameters: readonly (string | Buffer)[],
    deadline?: Deadline,
  ): Promise<Buffer | null> {
    const running = this.#connection.run(script, [this.#keys.grant(id)], parameters, deadline)
    return running as Promise<Buffer | null>
  }

  /** Runs a script that answers '1' or '0', and behind it the record if there is one. */
  async ask(
    script: Script,
    id: string,
    parameters: readonly (string | Buffer)[],
    deadline?: Deadline,
  ): Promise<ScriptAnswer & { readonly hasAnswered: boolean }> {
    const reply = await this.run(script, id, parameters, deadline)
    if (reply === null) return { hasAnswered: false, done: false, grant: undefined }
    // The script has run: what it did is done, whether or not its answer can be read.
    const grant = reply.length > 1 ? decodeGrant(id, reply, 1, 'unknown') : undefined
    return { hasAnswered: true, done: reply[0] === YES, grant }
  }
}

/** Whether it is this one record that cannot be read, and no outage. */
export function isUnreadable(error: unknown): boolean {
  return error instanceof UnreadableGrant || isWrongType(error)
}
