import { codeProofOf } from '../../src/ratchet/code-proof.js'
import type { Presented } from '../../src/ratchet/judge.js'
import { challenge, verifier } from '../setup/authorization.js'
import { current, grace, previous, testRows } from '../setup/judging.js'
import { grantOf, id } from '../setup/records.js'

const codeProof = codeProofOf({
  codeChallenge: challenge,
  redirectUri: 'https://a.example/cb',
  redirectUriSent: true,
})
const binding = { codeVerifier: verifier, redirectUri: 'https://a.example/cb' }
const code: Presented = { generation: 0, nonce: id('0'), clientId: 'app-a', binding }
const unredeemed = grantOf({ generation: 0, nonce: id('0'), codeProof })

testRows({
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
      when: 'no key where the latest turn had none and the one before had one',
      grant: grantOf({ previousKeyHash: 'h' }),
      presented: previous,
      verdict: 'reused',
    },
    {
      when: 'the right key once the successor was used',
      grant: grantOf({ keyHash: 'h' }),
      presented: { ...previous, generation: 3, keyHash: 'h' },
      verdict: 'reused',
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
})
