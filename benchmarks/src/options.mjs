// What a run measures: environment variables and their defaults.
import { fileURLToPath } from 'node:url'

import { refuse } from './refuse.mjs'

const ALL_PARTS = ['load', 'operations', 'sessions', 'storage', 'safety', 'growth', 'heap']

/** What makes a run another than that whose tables are in results. */
const SHORTER = ['QUICK', 'PARTS', 'SUBJECTS', 'PEERS']

const quick = oneOf('QUICK', ['0', '1']) === '1'

export const options = {
  /** Parts of the run, in this order. `sessions` takes twice as long as all others together, and is run by name. */
  parts: parts(quick ? 'load,storage,safety,growth' : 'load,operations,storage,safety,growth,heap'),
  /** Only subjects whose name contains one of these, `ES256;oidc-provider`; the yardsticks of their groups run anyway. */
  subjects: list('SUBJECTS', '', ';'),
  /** Installs and runs the peers; `PEERS=0` leaves them out. */
  peers: process.env.PEERS !== '0',
  rounds: number('ROUNDS', quick ? 3 : 9),
  roundMs: number('ROUND_MS', quick ? 200 : 350),
  connections: numbers('CONNECTIONS', quick ? '16' : '1,16,64,256'),
  /** Requests that each subject answers before it is measured: code that has not been optimised yet costs several times as much. */
  warmUp: number('WARM_UP', 4000),
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
  /** Live sessions at which the cost of a refresh is measured: each more than the one before. */
  growthSteps: ascending('SESSIONS', numbers('SESSIONS', quick ? '1000,5000' : '1000,10000,100000')),
  /** Refreshes between the two looks at the heap, in the part `heap`. */
  heapRefreshes: number('HEAP_REFRESHES', 10_000),
  /** `node`: the load generator in Node, even where there is a C compiler. */
  generator: oneOf('GENERATOR', ['c', 'node']),
  /** Where tables and picture are written; nowhere by a shorter run that does not say where. */
  out:
    process.env.OUT ??
    (SHORTER.some((name) => process.env[name] !== undefined)
      ? undefined
      : fileURLToPath(new URL('../results', import.meta.url))),
}

function list(name, fallback, separator = ',') {
  return (process.env[name] ?? fallback).split(separator).filter((word) => word !== '')
}

function parts(fallback) {
  const words = list('PARTS', fallback)
  const unknown = words.find((word) => !ALL_PARTS.includes(word))
  return words.length > 0 && unknown === undefined
    ? words
    : refuse(`PARTS has ${unknown ?? 'nothing'} in it. Parts: ${ALL_PARTS.join(', ')}.`)
}

function numbers(name, fallback) {
  const words = list(name, fallback)
  if (words.length === 0) refuse(`${name} is empty: it needs a number, or several with commas between them.`)
  return words.map((word) => positive(name, word))
}

function number(name, fallback) {
  return positive(name, process.env[name] ?? fallback)
}

function positive(name, word) {
  const value = Number(word)
  return Number.isSafeInteger(value) && value > 0
    ? value
    : refuse(`${name} has ${word || 'nothing'} in it: it takes whole numbers from 1.`)
}

function ascending(name, values) {
  return values.every((value, index) => index === 0 || value > values[index - 1])
    ? values
    : refuse(`${name} is ${values.join(',')}: each must be more than the one before.`)
}

function oneOf(name, [fallback, ...others]) {
  const word = process.env[name] ?? fallback
  return [fallback, ...others].includes(word)
    ? word
    : refuse(`${name} is ${word}: it is ${[fallback, ...others].join(' or ')}.`)
}
