import { amendCases } from './cases/amend.js'
import { clientCases } from './cases/clients.js'
import { createCases } from './cases/create.js'
import { expiryCases } from './cases/expiry.js'
import { growthCases } from './cases/growth.js'
import { listCases, longListCases } from './cases/list.js'
import { raceCases } from './cases/races.js'
import { rawDumpCases } from './cases/raw-dump.js'
import { resealCases } from './cases/reseal.js'
import { revokeBySubjectCases } from './cases/revoke-by-subject.js'
import { revokeCases } from './cases/revoke.js'
import { scanCases } from './cases/scan.js'
import { turnCases } from './cases/turn.js'
import { turnRefusedCases } from './cases/turn-refused.js'
import { valueCases } from './cases/values.js'
import type { ContractCase } from './harness.js'

/** The contract: every sentence that a storage must make true, each with what proves it. */
export const contractCases: readonly ContractCase[] = [
  ...createCases,
  ...turnCases,
  ...turnRefusedCases,
  ...expiryCases,
  ...resealCases,
  ...revokeCases,
  ...amendCases,
  ...listCases,
  ...longListCases,
  ...revokeBySubjectCases,
  ...scanCases,
  ...valueCases,
  ...clientCases,
  ...raceCases,
  ...growthCases,
  ...rawDumpCases,
]
