import { current, grace, previous, strict, testRows } from '../setup/judging.js'
import { grantOf, id } from '../setup/records.js'

const revoked = { at: 100_500, reason: 'revoked', by: id('b') } as const

testRows({
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
})
