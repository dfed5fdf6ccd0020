import { StorageError } from '@oauth-ratchet/core'

import { isUnknownScript, storageError } from '../src/driver-errors.js'

function outcomeOf(message: string, sentOnce = true): unknown {
  const error = storageError(new Error(message), sentOnce)
  return error instanceof StorageError && error.outcome
}

const REFUSALS = [
  "OOM command not allowed when used memory > 'maxmemory'.",
  "OOM command not allowed when used memory > 'maxmemory'. script: 0123456789abcdef0123456789abcdef01234567, on @user_script:4.",
  "ERR Error running script (call to f_0123456789abcdef0123456789abcdef01234567): @user_script:4: @user_script: 4: -OOM command not allowed when used memory > 'maxmemory'.",
  "ERR Error running script (call to f_0123456789abcdef0123456789abcdef01234567): @user_script:4: -READONLY You can't write against a read only replica.",
  "READONLY You can't write against a read only replica.",
  'LOADING Redis is loading the dataset in memory',
  "MASTERDOWN Link with MASTER is down and replica-serve-stale-data is set to 'no'.",
  'NOREPLICAS Not enough good replicas to write.',
  'MISCONF Redis is configured to save RDB snapshots, but it is unable to persist to disk.',
  'CLUSTERDOWN Hash slot not served',
  'MOVED 3999 127.0.0.1:6381',
  'Too many Cluster redirections. Last error: ReplyError: CLUSTERDOWN The cluster is down',
  "Stream isn't writeable and enableOfflineQueue options is false",
]

const UNKNOWN = [
  'Connection is closed.',
  'Command timed out',
  'Command aborted due to connection close',
  'Reached the max retries per request limit (which is 20). Refer to "maxRetriesPerRequest" option for details.',
  'Too many Cluster redirections. Last error: Error: Connection is closed.',
  'ERR user_script:9: attempt to index a nil value script: 0123456789abcdef0123456789abcdef01234567, on @user_script:9.',
]

describe('what the driver reports', () => {
  it.each(REFUSALS)('was certainly not applied: %s', (message) => {
    expect(outcomeOf(message)).toBe('not_applied')
  })

  it.each(REFUSALS)('may have been applied the first time, if it was sent twice: %s', (message) => {
    expect(outcomeOf(message, false)).toBe('unknown')
  })

  it.each(UNKNOWN)('may have been applied: %s', (message) => {
    expect(outcomeOf(message)).toBe('unknown')
  })

  it('is kept as the cause, and what is a StorageError already stays what it is', () => {
    for (const cause of [new Error('Command timed out'), new RangeError('out of range')])
      expect(storageError(cause, true)).toMatchObject({ name: 'StorageError', outcome: 'unknown', cause })
    const error = new StorageError('x')
    expect(storageError(error, true)).toBe(error)
  })

  it('is an unknown script only where the server says so', () => {
    expect(isUnknownScript(new Error('NOSCRIPT No matching script.'))).toBe(true)
    for (const message of [...REFUSALS, ...UNKNOWN]) {
      expect(isUnknownScript(new Error(message))).toBe(false)
    }
  })
})
