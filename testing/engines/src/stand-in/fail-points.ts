import { isDocument, type Document } from './bson-values.js'
import { badValue, CommandError, isRetryableWriteCode } from './errors.js'
import { documentIn, listIn } from './request-fields.js'

/** What an armed `failCommand` does to one command, in the order of the fields. */
export interface Failure {
  readonly blockMs: number
  readonly closeConnection: boolean
  readonly error: CommandError | undefined
  readonly writeConcernError: Document | undefined
  readonly errorLabels: readonly string[] | undefined
}

interface Armed {
  readonly data: Document
  readonly commands: readonly unknown[]
  /** Matching commands still let through. */
  skip: number
  /** Matching commands still to be failed. */
  times: number
}

const NEVER_FAILED = new Set(['configureFailPoint'])

function modeOf(mode: unknown): { skip: number; times: number } | undefined {
  if (mode === 'off') return undefined
  if (mode === 'alwaysOn') return { skip: 0, times: Infinity }
  if (isDocument(mode)) {
    if (typeof mode['times'] === 'number') return { skip: 0, times: mode['times'] }
    if (typeof mode['skip'] === 'number') return { skip: mode['skip'], times: Infinity }
  }
  throw badValue("fail point mode must be 'off', 'alwaysOn', { times: n } or { skip: n }")
}

/**
 * MongoDB's own fault interface, so that one test drives a real server and the stand-in.
 *
 * @see https://github.com/mongodb/mongo/wiki/The-%22failCommand%22-fail-point
 */
export class FailPoints {
  #armed: Armed | undefined
  #entered = 0

  configure(command: Document): Document {
    if (command['configureFailPoint'] !== 'failCommand')
      throw badValue(`failpoint not found: ${String(command['configureFailPoint'])}`)
    const mode = modeOf(command['mode'])
    const data = documentIn(command, 'data')
    const count = this.#entered
    this.#entered = 0
    this.#armed = mode && { data, commands: listIn(data, 'failCommands'), ...mode }
    return { count, ok: 1 }
  }

  take(name: string, namespace: string, appName: string | undefined): Failure | undefined {
    const armed = this.#armed
    if (!armed || armed.times <= 0 || NEVER_FAILED.has(name)) return undefined
    const { data } = armed
    if (!armed.commands.includes(name)) return undefined
    if (data['namespace'] !== undefined && data['namespace'] !== namespace) return undefined
    if (data['appName'] !== undefined && data['appName'] !== appName) return undefined
    if (armed.skip > 0) {
      armed.skip -= 1
      return undefined
    }
    armed.times -= 1
    this.#entered += 1
    return failureOf(data, name)
  }
}

function failureOf(data: Document, name: string): Failure {
  const code = data['errorCode']
  return {
    blockMs: data['blockConnection'] === true ? Number(data['blockTimeMS'] ?? 0) : 0,
    closeConnection: data['closeConnection'] === true,
    error:
      typeof code === 'number'
        ? new CommandError(code, `Failing command via 'failCommand' failpoint: ${name}`)
        : undefined,
    writeConcernError: isDocument(data['writeConcernError']) ? data['writeConcernError'] : undefined,
    errorLabels: data['errorLabels'] === undefined ? undefined : listIn(data, 'errorLabels').map(String),
  }
}

/** A driver retries a write only when the answer says so; the server says it of the codes that the drivers agreed on. */
export function withErrorLabels(
  reply: Document,
  command: Document,
  given: readonly string[] | undefined,
): Document {
  const writeConcernCode = documentIn(reply, 'writeConcernError')['code']
  const code = reply['ok'] === 0 ? reply['code'] : writeConcernCode
  if (typeof code !== 'number') return reply
  const own = command['txnNumber'] !== undefined && isRetryableWriteCode(code) ? ['RetryableWriteError'] : []
  const errorLabels = given ?? own
  return errorLabels.length === 0 ? reply : { ...reply, errorLabels }
}
