import type { GrantRecord } from '@oauth-ratchet/core'
import { judge } from '../../src/ratchet/judge.js'
import type { Policy, Presented, Verdict } from '../../src/ratchet/judge.js'
import { grantOf, id } from './records.js'

export const strict: Policy = { reuseGraceMs: 0, acceptAhead: 0, notBefore: 0 }
export const grace: Policy = { ...strict, reuseGraceMs: 10_000 }

/** The token of generation 5, which `grantOf()` stands at, and the one before. */
export const current: Presented = { generation: 5, nonce: id('5'), clientId: 'app-a' }
export const previous: Presented = { generation: 4, nonce: id('4'), clientId: 'app-a' }

/** One row of the policy. What is left out is a live grant, its current token, 1 ms after the turn, no grace. */
export interface Row {
  readonly when: string
  readonly grant?: GrantRecord | undefined
  readonly presented?: Presented
  /** Milliseconds after the turn. */
  readonly age?: number
  readonly policy?: Policy
  readonly verdict: Verdict
}

/** A test for each row of the tables. */
export function testRows(tables: Readonly<Record<string, readonly Row[]>>): void {
  describe.each(Object.entries(tables))('%s', (_, rows) => {
    test.each(rows)('$when: $verdict', (row) => {
      const grant = 'grant' in row ? row.grant : grantOf()
      const now = 100_000 + (row.age ?? 1)

      expect(judge(grant, row.presented ?? current, now, row.policy ?? strict)).toBe(row.verdict)
    })
  })
}
