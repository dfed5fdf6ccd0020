/// <reference types="jest" />
import { contractCases } from './contract-cases.js'
import type { StorageHarness } from './harness.js'

/**
 * Registers the whole contract with Jest, a `describe` for each group of cases. Cases that need what the harness
 * does not have (`worker`, `rawDump`, `damage`) are not registered.
 */
export function describeStorage(name: string, harness: StorageHarness): void {
  const runnable = contractCases.filter(({ needs }) => needs === undefined || harness[needs] !== undefined)
  describe(name, () => {
    for (const [group, cases] of byGroup(runnable)) {
      describe(group, () => {
        for (const contractCase of cases) {
          it(contractCase.name, () => contractCase.run(harness), contractCase.timeoutMs)
        }
      })
    }
  })
}

function byGroup<Case extends { readonly group: string }>(cases: readonly Case[]): Map<string, Case[]> {
  const groups = new Map<string, Case[]>()
  for (const each of cases) groups.set(each.group, [...(groups.get(each.group) ?? []), each])
  return groups
}
