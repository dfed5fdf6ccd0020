import { keyOf, isDocument, type Document } from './bson-values.js'
import { CommandError } from './errors.js'

interface Session {
  txnNumber: number
  reply: Document | undefined
}

/**
 * Retryable writes: a driver that got no answer sends the command again under the same `lsid` and `txnNumber`, and gets
 * the answer of the first time. Only what was carried out is remembered; what was refused is tried anew.
 */
export class Sessions {
  readonly #sessions = new Map<string, Session>()

  /** The recorded answer, or what `run` answers now. */
  once(command: Document, run: () => Document): Document {
    const { lsid, txnNumber } = command
    if (command['autocommit'] !== undefined || command['startTransaction'] !== undefined)
      throw new CommandError(20, 'the stand-in has no transactions')
    if (typeof txnNumber !== 'number') return run()
    if (!isDocument(lsid))
      throw new CommandError(72, 'Transaction number requires a session ID to also be specified')
    const session = this.#session(lsid)
    if (txnNumber < session.txnNumber)
      throw new CommandError(
        225,
        `Retryable write with txnNumber ${txnNumber} is prohibited: a newer one has started`,
      )
    if (txnNumber > session.txnNumber) Object.assign(session, { txnNumber, reply: undefined })
    if (session.reply) return { ...session.reply, retriedStmtIds: [0] }
    const reply = run()
    // A retry evaluates a statement that failed once more, as a real server does.
    if (reply['writeErrors'] === undefined) session.reply = reply
    return reply
  }

  end(ids: readonly unknown[]): void {
    for (const id of ids) this.#sessions.delete(keyOf(isDocument(id) ? id['id'] : id))
  }

  #session(lsid: Document): Session {
    const key = keyOf(lsid['id'])
    const session = this.#sessions.get(key) ?? { txnNumber: -1, reply: undefined }
    this.#sessions.set(key, session)
    return session
  }
}
