import { StorageError } from '@oauth-ratchet/core'

/** Answers of a server that did not run the command, or, where a script got them, refused its first write. */
const REFUSALS = new Set([
  'ASK',
  'BUSY',
  'CLUSTERDOWN',
  'CROSSSLOT',
  'LOADING',
  'MASTERDOWN',
  'MISCONF',
  'MOVED',
  'NOAUTH',
  'NOREPLICAS',
  'NOSCRIPT',
  'OOM',
  'READONLY',
  'TRYAGAIN',
])

/** What ioredis says of commands that it has not sent. */
const NOT_SENT = [
  "Stream isn't writeable and enableOfflineQueue options is false",
  "Cluster isn't ready and enableOfflineQueue options is false",
  'Connection in subscriber mode',
  'Connection is in monitoring mode',
  'All keys in the pipeline should belong to the same slots',
]

/** Redis 6.2 wraps what a command inside a script was answered. */
const IN_SCRIPT = /^ERR Error running script .*@user_script: ?\d+: -?/
const REDIRECTED = /^Too many Cluster redirections\. Last error: (?:ReplyError|Error): /

/**
 * The driver's error as the interface wants it.
 *
 * @param sentOnce whether the command was sent at most once: after a reconnect the driver sends again what was not
 *   answered, and a refusal of the second says nothing of the first
 */
export function storageError(error: unknown, sentOnce: boolean): StorageError {
  if (error instanceof StorageError) return error
  const reason = reasonOf(error)
  const outcome = sentOnce && isRefusal(reason) ? 'not_applied' : 'unknown'
  return new StorageError(`Redis could not do its work: ${reason}`, { outcome, cause: error })
}

/** Under the key there is no string: nothing of ours has written that. */
export function isWrongType(error: unknown): boolean {
  return /\bWRONGTYPE\b/.test(reasonOf(error))
}

/** The server does not have the script (any more). */
export function isUnknownScript(error: unknown): boolean {
  return reasonOf(error).startsWith('NOSCRIPT')
}

/** ioredis before 5.11 puts commands for several nodes of a cluster into one automatic pipeline, and sends none of them. */
export function isMixedPipeline(error: unknown): boolean {
  return reasonOf(error).startsWith('All keys in the pipeline should belong to the same slots')
}

function isRefusal(reason: string): boolean {
  const said = reason.replace(REDIRECTED, '').replace(IN_SCRIPT, '')
  return REFUSALS.has(/^[A-Z]+/.exec(said)?.[0] ?? '') || NOT_SENT.some((start) => said.startsWith(start))
}

function reasonOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error)
}
