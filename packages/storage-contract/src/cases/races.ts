import { defineCases } from '../define-cases.js'
import type { CaseBodies, CaseContext } from '../define-cases.js'
import type { Contender, Race, RaceBodies } from '../race.js'
import { startWorkers } from '../remote-storage.js'
import { grantRaces } from './grant-races.js'
import { revocationRaces } from './revocation-races.js'
import { valueAndClientRaces } from './value-and-client-races.js'

const RACES: RaceBodies = { ...grantRaces, ...revocationRaces, ...valueAndClientRaces }

function race(
  { harness, storage, now }: CaseContext,
  contenders: readonly Contender[],
  rounds: number,
  share: number,
): Race {
  return {
    now,
    referee: storage,
    rounds,
    manyRounds: (harness.manyRounds ?? 2000) * share,
    atOnce: (count, run) =>
      Promise.all(
        Array.from({ length: count }, (_, index) =>
          run(contenders[index % contenders.length] ?? storage, index),
        ),
      ),
  }
}

const betweenConnections: CaseBodies = Object.fromEntries(
  Object.entries(RACES).map(([name, body]) => [
    name,
    async (context) => {
      const { harness, storage } = context
      const others = [await harness.connect(), await harness.connect(), await harness.connect()]
      await body(race(context, [storage, ...others], 12, 1))
    },
  ]),
)

const betweenProcesses: CaseBodies = Object.fromEntries(
  Object.entries(RACES).map(([name, body]) => [
    name,
    async (context) => {
      const program = context.harness.worker?.()
      if (program === undefined) throw new TypeError('The harness has no worker program')
      const workers = await startWorkers(program, 3)
      try {
        await body(race(context, workers, 6, 0.5))
      } finally {
        await Promise.all(workers.map((worker) => worker.stop()))
      }
    },
  ]),
)

export const raceCases = [
  ...defineCases('races between connections', betweenConnections, { timeoutMs: 60_000 }),
  ...defineCases('races between processes', betweenProcesses, { needs: 'worker', timeoutMs: 60_000 }),
]
