import type { GrantRecord } from '@oauth-ratchet/core'
import { codeProofOf } from '../../src/ratchet/code-proof.js'
import { judge } from '../../src/ratchet/judge.js'
import type { Policy, Presented, Verdict } from '../../src/ratchet/judge.js'
import { challenge, verifier } from '../setup/authorization.js'
import { grantOf, id } from '../setup/records.js'

const strict: Policy = { reuseGraceMs: 0, acceptAhead: 0, notBefore: 0 }
const grace: Policy = { ...strict, reuseGraceMs: 10_000 }

const current: Presented = { generation: 5, nonce: id('5'), clientId: 'app-a' }
const previous: Presented = { generation: 4, nonce: id('4'), clientId: 'app-a' }

const codeProof = codeProofOf({
  codeChallenge: challenge,
  redirectUri: 'https://a.example/cb',
  redirectUriSent: true,
})
const binding = { codeVerifier: verifier, redirectUri: 'https://a.example/cb' }
const code: Presented = { generation: 0, nonce: id('0'), clientId: 'app-a', binding }
const unredeemed = grantOf({ generation: 0, nonce: id('0'), codeProof })

interface Row {
  readonly when: string
  readonly grant?: GrantRecord | undefined
  readonly presented?: Presented
  /** Milliseconds after the turn. Default 1. */
  readonly age?: number
  readonly policy?: Policy
  readonly verdict: Verdict
}

const revoked = { at: 100_500, reason: 'revoked', by: id('b') } as const

const rows: Record<string, Row[]> = {
  'what is current turns': [
    { when: 'current generation and nonce of a live grant', verdict: 'turned' },
    { when: 'the same with a grace', policy: grace, verdict: 'turned' },
    { when: 'the same long after the turn', age: 999_999, verdict: 'turned' },
    {
      when: 'the key that the grant is bound to',
      grant: grantOf({ boundKey: 'k1' }),
      presented: { ...current, boundKey: 'k1' },
      verdict: 'turned',
    },
    {
      when: 'a key where the grant is bound to none',
      presented: { ...current, boundKey: 'k1' },
      verdict: 'turned',
    },
    {
      when: 'the key of the turn before: it turns, and arms nothing',
      grant: grantOf({ keyHash: 'h' }),
      presented: { ...current, keyHash: 'h' },
      verdict: 'turned',
    },
  ],
  'what is over is over, before anything else is asked': [
    { when: 'there is no grant', grant: undefined, verdict: 'unknown' },
    { when: 'revoked', grant: grantOf({ revoked }), verdict: 'revoked' },
    { when: 'revoked, although also expired', grant: grantOf({ revoked, expiresAt: 1 }), verdict: 'revoked' },
    {
      when: 'revoked, although also spent',
      grant: grantOf({ revoked }),
      presented: previous,
      verdict: 'revoked',
    },
    {
      when: 'revoked, although also of another client',
      grant: grantOf({ revoked }),
      presented: { ...current, clientId: 'app-b' },
      verdict: 'revoked',
    },
    { when: 'made before notBefore', policy: { ...strict, notBefore: 10_001 }, verdict: 'revoked' },
    { when: 'made exactly at notBefore', policy: { ...strict, notBefore: 10_000 }, verdict: 'turned' },
    { when: 'one millisecond before it expires', age: 999_999, verdict: 'turned' },
    { when: 'the millisecond it expires', age: 1_000_000, verdict: 'expired' },
    {
      when: 'expired, although spent: no reuse (R16)',
      presented: previous,
      age: 1_000_000,
      verdict: 'expired',
    },
    {
      when: 'expired, although of another client',
      presented: { ...current, clientId: 'app-b' },
      age: 1_000_000,
      verdict: 'expired',
    },
  ],
  'a stranger can neither burn nor kill (R3, G4)': [
    { when: 'another client', presented: { ...current, clientId: 'app-b' }, verdict: 'mismatch' },
    {
      when: 'another client with a spent token',
      presented: { ...previous, clientId: 'app-b' },
      verdict: 'mismatch',
    },
    {
      when: 'another client with a nonce that was never issued',
      presented: { ...current, nonce: id('x'), clientId: 'app-b' },
      verdict: 'mismatch',
    },
    {
      when: 'another client with a generation that was not reached',
      presented: { ...current, generation: 6, clientId: 'app-b' },
      policy: { ...strict, acceptAhead: 9 },
      verdict: 'mismatch',
    },
    { when: 'no key where one is bound', grant: grantOf({ boundKey: 'k1' }), verdict: 'mismatch' },
    {
      when: 'another key',
      grant: grantOf({ boundKey: 'k1' }),
      presented: { ...current, boundKey: 'k2' },
      verdict: 'mismatch',
    },
    {
      when: 'another key with a spent token',
      grant: grantOf({ boundKey: 'k1' }),
      presented: { ...previous, boundKey: 'k2' },
      verdict: 'mismatch',
    },
  ],
  'what is spent is reuse (R5, R6)': [
    { when: 'the generation before, strictly', presented: previous, age: 0, verdict: 'reused' },
    { when: 'a much earlier generation', presented: { ...previous, generation: 1 }, verdict: 'reused' },
    {
      when: 'an earlier one within the grace',
      presented: { ...previous, generation: 3 },
      policy: grace,
      verdict: 'reused',
    },
    {
      when: 'the one before with a nonce never issued, within the grace',
      presented: { ...previous, nonce: id('x') },
      policy: grace,
      verdict: 'reused',
    },
    {
      when: 'the current one with a nonce never issued',
      presented: { ...current, nonce: id('x') },
      verdict: 'reused',
    },
    {
      when: 'the current one with the nonce of the one before',
      presented: { ...current, nonce: id('4') },
      policy: grace,
      verdict: 'reused',
    },
    {
      when: 'the one before with the current nonce',
      presented: { ...previous, nonce: id('5') },
      policy: grace,
      verdict: 'reused',
    },
  ],
  'a retry in its time is answered again (R9)': [
    { when: 'within the grace', presented: previous, policy: grace, verdict: 'repeated' },
    {
      when: 'at the very end of the grace',
      presented: previous,
      policy: grace,
      age: 10_000,
      verdict: 'repeated',
    },
    {
      when: 'a millisecond after the grace',
      presented: previous,
      policy: grace,
      age: 10_001,
      verdict: 'reused',
    },
    {
      when: 'a clock behind the one of the turn',
      presented: previous,
      policy: grace,
      age: -60_000,
      verdict: 'repeated',
    },
    { when: 'a clock behind, without a grace', presented: previous, age: -60_000, verdict: 'reused' },
    {
      when: 'the same idempotency key at any age',
      grant: grantOf({ keyHash: 'h' }),
      presented: { ...previous, keyHash: 'h' },
      age: 999_999,
      verdict: 'repeated',
    },
    {
      when: 'another idempotency key',
      grant: grantOf({ keyHash: 'h' }),
      presented: { ...previous, keyHash: 'i' },
      verdict: 'reused',
    },
    {
      when: 'another idempotency key within the grace',
      grant: grantOf({ keyHash: 'h' }),
      presented: { ...previous, keyHash: 'i' },
      policy: grace,
      verdict: 'repeated',
    },
    { when: 'a key where the turn had none', presented: { ...previous, keyHash: 'h' }, verdict: 'reused' },
    {
      when: 'no key where the turn had one',
      grant: grantOf({ keyHash: 'h' }),
      presented: previous,
      verdict: 'reused',
    },
    {
      when: 'a key that the turn before had used already arms nothing',
      grant: grantOf({ keyHash: 'h', previousKeyHash: 'h' }),
      presented: { ...previous, keyHash: 'h' },
      verdict: 'reused',
    },
    {
      when: 'the key of the turn before, not of the latest',
      grant: grantOf({ keyHash: 'i', previousKeyHash: 'h' }),
      presented: { ...previous, keyHash: 'h' },
      verdict: 'reused',
    },
    {
      when: 'the right key once the successor was used',
      grant: grantOf({ keyHash: 'h' }),
      presented: { ...previous, generation: 3, keyHash: 'h' },
      verdict: 'reused',
    },
  ],
  'what the store has not reached is unknown, or ahead where that is accepted': [
    { when: 'one ahead', presented: { ...current, generation: 6 }, verdict: 'unknown' },
    {
      when: 'as many ahead as accepted',
      presented: { ...current, generation: 8 },
      policy: { ...strict, acceptAhead: 3 },
      verdict: 'ahead',
    },
    {
      when: 'one more than accepted',
      presented: { ...current, generation: 9 },
      policy: { ...strict, acceptAhead: 3 },
      verdict: 'unknown',
    },
    {
      when: 'ahead of a revoked grant',
      grant: grantOf({ revoked }),
      presented: { ...current, generation: 6 },
      policy: { ...strict, acceptAhead: 3 },
      verdict: 'revoked',
    },
  ],
  'an authorization code is generation 0 (G1 to G4)': [
    { when: 'with all its proofs', grant: unredeemed, presented: code, verdict: 'turned' },
    {
      when: 'with a wrong verifier',
      grant: unredeemed,
      presented: { ...code, binding: { ...binding, codeVerifier: 'x'.repeat(43) } },
      verdict: 'mismatch',
    },
    {
      when: 'with a wrong redirect URI',
      grant: unredeemed,
      presented: { ...code, binding: { ...binding, redirectUri: 'https://a.example/cb/' } },
      verdict: 'mismatch',
    },
    {
      when: 'without proofs',
      grant: unredeemed,
      presented: { generation: 0, nonce: id('0'), clientId: 'app-a' },
      verdict: 'mismatch',
    },
    {
      when: 'replayed with all its proofs, years of turns later',
      grant: grantOf({ codeProof }),
      presented: code,
      verdict: 'reused',
    },
    {
      when: 'replayed with a wrong verifier',
      grant: grantOf({ codeProof }),
      presented: { ...code, binding: { ...binding, codeVerifier: 'x'.repeat(43) } },
      verdict: 'mismatch',
    },
    {
      when: 'replayed within the grace with the key of its redemption: never repeated',
      grant: grantOf({ generation: 1, nonce: id('1'), previousNonce: id('0'), keyHash: 'h', codeProof }),
      presented: { ...code, keyHash: 'h' },
      policy: grace,
      verdict: 'reused',
    },
    {
      when: 'against a grant that never had a code',
      grant: grantOf(),
      presented: code,
      verdict: 'mismatch',
    },
    {
      when: 'a refresh token of the grant needs no proofs of the code',
      grant: grantOf({ codeProof }),
      verdict: 'turned',
    },
  ],
}

describe.each(Object.entries(rows))('%s', (_, cases) => {
  test.each(cases)('$when: $verdict', (row) => {
    const grant = 'grant' in row ? row.grant : grantOf()
    const now = 100_000 + (row.age ?? 1)

    expect(judge(grant, row.presented ?? current, now, row.policy ?? strict)).toBe(row.verdict)
  })
})
