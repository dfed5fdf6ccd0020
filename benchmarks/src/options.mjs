// What a run measures: environment variables and their defaults.
import { fileURLToPath } from 'node:url'

const quick = process.env.QUICK === '1'

export const options = {
  /** Parts of the run, in this order. `sessions` takes twice as long as all others together, and is run by name. */
  parts: list('PARTS', quick ? 'load,storage,safety,growth' : 'load,operations,storage,safety,growth'),
  /** Only subjects whose name contains one of these, `ES256;oidc-provider`; the yardsticks of their groups run anyway. */
  subjects: list('SUBJECTS', '', ';'),
  /** Installs and runs the peers; `PEERS=0` leaves them out. */
  peers: process.env.PEERS !== '0',
  rounds: number('ROUNDS', quick ? 2 : 9),
  roundMs: number('ROUND_MS', quick ? 200 : 350),
  connections: numbers('CONNECTIONS', quick ? '16' : '1,16,64,256'),
  /** Requests that each subject answers before it is measured: code that has not been optimised yet costs several times as much. */
  warmUp: number('WARM_UP', quick ? 500 : 4000),
  /** Requests of a round of the part `operations`. */
  operations: number('OPERATIONS', quick ? 200 : 1000),
  operationConnections: number('OPERATION_CONNECTIONS', 16),
  /** Sessions of the one user of the part `sessions`, and how often they are listed and ended. */
  sessionsOfOne: number('SESSIONS_OF_ONE', quick ? 1000 : 10_000),
  sessionRounds: number('SESSION_ROUNDS', quick ? 1 : 3),
  /** Refreshes between the calls of others, in the part `sessions`. */
  sessionConnections: numbers('SESSION_CONNECTIONS', '1,16'),
  /** Refreshes after which the bytes of a session are counted. */
  storageSteps: numbers('STORAGE_REFRESHES', quick ? '1,100' : '1,100,1000'),
  /** Live sessions at which the cost of a refresh is measured. */
  growthSteps: numbers('SESSIONS', quick ? '1000,5000' : '1000,10000,100000'),
  /** Refreshes between the two looks at the heap; 0: no such part. `HEAP_REFRESHES=1000000` for a long run. */
  heapRefreshes: number('HEAP_REFRESHES', quick ? 0 : 10_000),
  /** `node`: the load generator in Node, even where there is a C compiler. */
  generator: process.env.GENERATOR ?? 'c',
  /** Where tables and picture are written. */
  out: process.env.OUT ?? fileURLToPath(new URL('../results', import.meta.url)),
}

function list(name, fallback, separator = ',') {
  return (process.env[name] ?? fallback).split(separator).filter((word) => word !== '')
}

function numbers(name, fallback) {
  return list(name, fallback).map((word) => positive(name, Number(word)))
}

function number(name, fallback) {
  return positive(name, Number(process.env[name] ?? fallback))
}

function positive(name, value) {
  if (Number.isFinite(value) && value >= 0) return value
  throw new Error(`${name} is ${process.env[name]}, which is no number.`)
}
