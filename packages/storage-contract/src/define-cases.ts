import type { Storage } from '@oauth-ratchet/core'

import type { ContractCase, StorageHarness } from './harness.js'

/** What a case is given: a fresh storage, and the time at which it begins. */
export interface CaseContext extends Pick<Storage, 'grants' | 'values' | 'clients'> {
  readonly storage: Storage
  readonly harness: StorageHarness
  readonly now: number
}

export type CaseBodies = Readonly<Record<string, (context: CaseContext) => Promise<void>>>

/** The cases of one group, from their sentences and what proves each. */
export function defineCases(
  group: string,
  bodies: CaseBodies,
  options: Pick<ContractCase, 'needs'> & { readonly timeoutMs?: number } = {},
): ContractCase[] {
  const { timeoutMs = 60_000, ...needs } = options
  return Object.entries(bodies).map(([name, body]) => ({
    group,
    name,
    timeoutMs,
    ...needs,
    async run(harness) {
      try {
        const storage = await harness.create()
        const { grants, values, clients } = storage
        await body({ storage, grants, values, clients, harness, now: harness.now ?? Date.now() })
      } finally {
        await harness.dispose()
      }
    },
  }))
}
