import { contractCases } from '../src/index.js'
import type { ContractCase, StorageHarness } from '../src/index.js'
import { amendSabotages } from './amend-sabotages.js'
import { createSabotages } from './create-sabotages.js'
import { expiryAndResealSabotages } from './expiry-and-reseal-sabotages.js'
import { listingSabotages } from './listing-sabotages.js'
import { NaiveStorage } from './naive-storage.js'
import { revocationRaceSabotages } from './revocation-race-sabotages.js'
import { revocationSabotages } from './revocation-sabotages.js'
import type { Sabotage } from './sabotage.js'
import { scanSabotages } from './scan-sabotages.js'
import { turnSabotages } from './turn-sabotages.js'
import { valueAndClientSabotages } from './value-and-client-sabotages.js'

const sabotages: readonly Sabotage[] = [
  ...createSabotages,
  ...turnSabotages,
  ...expiryAndResealSabotages,
  ...amendSabotages,
  ...revocationSabotages,
  ...revocationRaceSabotages,
  ...listingSabotages,
  ...scanSabotages,
  ...valueAndClientSabotages,
]

// The races across processes need an engine that processes can share: the adapters' own tests run them.
const cases = contractCases.filter(({ needs }) => needs !== 'worker')

class NaiveHarness implements StorageHarness {
  readonly manyGrants = 60
  readonly manyRounds = 20
  readonly #sabotage: Omit<Sabotage, 'name' | 'foundBy'>
  #storage = new NaiveStorage()

  constructor(sabotage: Omit<Sabotage, 'name' | 'foundBy'> = { breaks: () => {} }) {
    this.#sabotage = sabotage
  }

  async create(): Promise<NaiveStorage> {
    this.#storage = new NaiveStorage()
    this.#sabotage.breaks(this.#storage)
    return this.#storage
  }

  async connect(): Promise<NaiveStorage> {
    return this.#sabotage.connects?.(this.#storage) ?? this.#storage
  }

  async dispose(): Promise<void> {}

  async rawDump(): Promise<string> {
    return this.#storage.dump()
  }

  async damage(id: string): Promise<void> {
    this.#storage.grants.damaged.add(id)
  }
}

async function failedCases(harness: StorageHarness): Promise<string[]> {
  const failed: string[] = []
  for (const each of cases) {
    if (await fails(each, harness)) failed.push(each.name)
  }
  return failed
}

async function fails(each: ContractCase, harness: StorageHarness): Promise<boolean> {
  try {
    await each.run(harness)
    return false
  } catch {
    return true
  }
}

describe('the contract', () => {
  const found = new Map<Sabotage, Promise<string[]>>()
  /** The cases that fail, looked for once, whichever test is the first to ask. */
  const casesThatFind = (sabotage: Sabotage): Promise<string[]> => {
    const failed = found.get(sabotage) ?? failedCases(new NaiveHarness(sabotage))
    found.set(sabotage, failed)
    return failed
  }

  it('finds nothing wrong with a storage that is sound', async () => {
    expect(await failedCases(new NaiveHarness())).toEqual([])
  })

  it.each(sabotages)('finds a storage that $name', async (sabotage) => {
    expect(await casesThatFind(sabotage)).toContain(sabotage.foundBy)
  })

  it('has no case that cannot fail', async () => {
    const foundBySome = new Set<string>()
    for (const sabotage of sabotages) for (const name of await casesThatFind(sabotage)) foundBySome.add(name)
    const names = cases.map(({ name }) => name)
    expect(names.filter((name) => !foundBySome.has(name))).toEqual([])
  })

  it('says every sentence once in each group', () => {
    const sentences = contractCases.map(({ group, name }) => `${group}: ${name}`)
    expect(sentences).toEqual([...new Set(sentences)])
  })

  it('disposes of what a case has opened, also when the case fails', async () => {
    const disposed: string[] = []
    const harness = new NaiveHarness({
      breaks: ({ grants }) => {
        grants.create = async () => false
      },
    })
    harness.dispose = async () => {
      disposed.push('once')
    }
    const [first] = cases
    await expect(first?.run(harness)).rejects.toThrow()
    expect(disposed).toEqual(['once'])
  })
})
