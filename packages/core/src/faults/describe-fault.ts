import { withoutSecrets } from './without-secrets.js'

const deepest = 5
const mostOfGroup = 3
/** Errors that this package puts around those of apps and drivers: where they were made says nothing. */
const wrappers = new Set(['CallbackError', 'StorageError'])

interface ErrorLike {
  readonly name: string
  readonly message: string
  readonly stack?: unknown
  readonly cause?: unknown
  readonly errors?: unknown
}

/**
 * An error as text of several lines: name, message and stack, and the same of its causes. Nothing else of it, since
 * drivers keep commands and their arguments on their errors; and none of it {@link withoutSecrets}' secrets.
 */
export function describeFault(error: unknown): string {
  return linesOf(error, 0).join('\n')
}

/** Name and message in one line. */
function summarizeFault(error: unknown): string {
  if (!isErrorLike(error)) return `something that is no error was thrown: ${typeof error}`
  const message = messageOf(error)
  return message === '' ? error.name : `${error.name}: ${message}`
}

/** Names and messages of an error and of its causes in one line: a wrapper's own says little of what has failed. */
export function summarizeChain(error: unknown): string {
  const summaries: string[] = []
  let each = error
  do {
    summaries.push(summarizeFault(each))
    each = isErrorLike(each) ? each.cause : undefined
  } while (each !== undefined && summaries.length < deepest)
  return summaries.join(', caused by ')
}

/** The message of an error as the reason in a sentence; of a group without one, that of its first. */
export function reasonOf(error: unknown): string {
  if (!isErrorLike(error)) return summarizeFault(error)
  return (messageOf(error) || error.name).replace(/\.$/, '')
}

function linesOf(error: unknown, depth: number): string[] {
  const summary = summarizeFault(error)
  if (!isErrorLike(error) || depth === deepest) return [summary]
  const group = Array.isArray(error.errors) ? (error.errors as unknown[]).slice(0, mostOfGroup) : []
  const inner = [...(error.cause === undefined ? [] : [error.cause]), ...group]
  return [
    summary,
    ...framesOf(error),
    ...inner.flatMap((each) => {
      const [first = '', ...others] = linesOf(each, depth + 1)
      return [`  caused by ${first}`, ...others.map((line) => `  ${line}`)]
    }),
  ]
}

function messageOf({ message, errors }: ErrorLike): string {
  // What Node makes of a connection that was tried over several addresses has no message of its own.
  const [first] = Array.isArray(errors) ? (errors as unknown[]) : []
  const text = message === '' && isErrorLike(first) ? first.message : message
  return withoutSecrets(text).trim().slice(0, 2000)
}

function framesOf({ name, stack, cause }: ErrorLike): string[] {
  const isWrapper = cause !== undefined && wrappers.has(name)
  if (typeof stack !== 'string' || isWrapper) return []
  const lines = stack.split('\n').filter((line) => /^\s+at /.test(line))
  return lines.slice(0, 20).map((line) => `    ${withoutSecrets(line.trim())}`)
}

// By shape: an error of another realm (a test runner's, a worker's) is none of this one's class.
function isErrorLike(error: unknown): error is ErrorLike {
  const { name, message } = (error ?? {}) as { name?: unknown; message?: unknown }
  return typeof name === 'string' && typeof message === 'string'
}
