import { appendFileSync } from 'node:fs'
import { askKeeperSync, runDirectory } from './ask-keeper.js'
import type { MongoEngine } from './engines.js'
import { keeperFiles, type NotRun } from './not-run.js'
import { withNamesRecorded } from './recorded-names.js'

export interface DescribeWithMongodOptions {
  /** The tests start servers of their own, for which the address of somebody else's is not enough. */
  readonly own?: boolean
}

function whyNot(engine: MongoEngine, own: boolean): string | undefined {
  if (engine.kind === 'stand-in') return `they need a real mongod: ${engine.why}`
  if (own && engine.binary === undefined)
    return 'they start mongod processes of their own: MONGODB_URL names a server, MONGOMS_SYSTEM_BINARY would name a program'
  return undefined
}

/**
 * `describe` for what only a real server can show. Where there is none, its tests count as skipped, and the last lines
 * of the run name each of them and say why.
 */
export function describeWithMongod(
  name: string,
  define: (engine: Extract<MongoEngine, { kind: 'mongod' }>) => void,
  { own = false }: DescribeWithMongodOptions = {},
): void {
  const engine = askKeeperSync('/mongo')
  const why = whyNot(engine, own)
  if (engine.kind === 'mongod' && why === undefined) {
    describe(name, () => define(engine))
    return
  }
  describe.skip(name, () => {
    // Nothing of it runs: what the tests would do with an engine is never done.
    const nothing = {
      kind: 'mongod',
      version: '',
      url: '',
      replicaSet: undefined,
      binary: undefined,
    } as const
    const names = withNamesRecorded(() => define(nothing))
    const { notRun } = keeperFiles(runDirectory())
    for (const test of names) {
      const entry: NotRun = { test: `${name} ${test}`, why: why ?? '' }
      appendFileSync(notRun, `${JSON.stringify(entry)}\n`)
    }
  })
}
