import { probableCause, reuseEvidence } from '../../src/ratchet/reuse-evidence.js'
import { grantOf, id } from '../setup/records.js'

type Evidence = Parameters<typeof probableCause>[0]

const second: Evidence = { distance: 1, ageMs: 1000, neverIssued: false }
const same = { addressChanged: false, agentChanged: false }
const moved = { addressChanged: true, agentChanged: false }
const day = 86_400_000

describe('the probable cause of a spent refresh token that came back', () => {
  test.each<[string, Partial<Evidence>, string]>([
    ['the one before, within 2 s', {}, 'second_tab'],
    ['the one before, within 2 s, from the same place', same, 'second_tab'],
    ['the one before, within 2 s, from another address', moved, 'lost_answer'],
    ['the one before, after 2 s', { ageMs: 2001 }, 'lost_answer'],
    ['the one before, after 10 s', { ageMs: 10_000 }, 'lost_answer'],
    ['the one before, after 5 s, on another network', { ageMs: 5000, ...moved }, 'lost_answer'],
    ['the one before, later, with nothing kept', { ageMs: 10_001 }, 'unknown'],
    ['the one before, a day later, from the same place', { ageMs: day, ...same }, 'lost_answer'],
    [
      'the one before, a day later, the address alone kept',
      { ageMs: day, addressChanged: false },
      'lost_answer',
    ],
    ['the one before, a day later, from another address', { ageMs: day, ...moved }, 'unknown'],
    ['the one before, at once, by another agent', { addressChanged: false, agentChanged: true }, 'theft'],
    ['an older one, with nothing kept', { distance: 2 }, 'unknown'],
    ['an older one, from the same place', { distance: 2, ...same }, 'copied_store'],
    ['an older one, by the same agent alone', { distance: 9, agentChanged: false }, 'copied_store'],
    ['an older one, from another address', { distance: 2, ...moved }, 'theft'],
    ['an older one, by another agent', { distance: 2, agentChanged: true }, 'theft'],
    ['one that the store never gave out', { distance: 0, neverIssued: true }, 'copied_store'],
    [
      'one that the store never gave out, by another agent',
      { neverIssued: true, agentChanged: true },
      'theft',
    ],
  ])('%s: %j is %s', (_, evidence, cause) => {
    expect(probableCause({ ...second, ...evidence }, false)).toBe(cause)
  })
})

describe('the probable cause of a code that came twice', () => {
  test.each<[string, Partial<Evidence>, string]>([
    ['at once', {}, 'second_tab'],
    ['after 5 s', { ageMs: 5000 }, 'lost_answer'],
    [
      'after a refresh, from the same place: the page was loaded again',
      { distance: 3, ...same },
      'second_tab',
    ],
    ['after a refresh, with nothing kept', { distance: 3 }, 'unknown'],
    ['after a refresh, from another address', { distance: 3, ...moved }, 'theft'],
    ['by another agent', { agentChanged: true }, 'theft'],
  ])('%s: %j is %s', (_, evidence, cause) => {
    expect(probableCause({ ...second, ...evidence }, true)).toBe(cause)
  })
})

describe('the evidence', () => {
  const grant = grantOf({ generation: 5, nonce: id('5'), previousNonce: id('4'), turnedAt: 1000 })

  test.each([
    ['the token before', { generation: 4, nonce: id('4') }, { distance: 1, neverIssued: false }],
    ['a current one of another nonce', { generation: 5, nonce: id('x') }, { distance: 0, neverIssued: true }],
    [
      'the one before of another nonce',
      { generation: 4, nonce: id('x') },
      { distance: 1, neverIssued: true },
    ],
    [
      'an older one, whose nonce is not kept',
      { generation: 2, nonce: id('x') },
      { distance: 3, neverIssued: false },
    ],
  ])('of %s', (_, token, expected) => {
    expect(reuseEvidence(grant, token, 3500, undefined, {})).toEqual({ ageMs: 2500, ...expected })
  })

  test('has an age of zero where the clock of another host is ahead', () => {
    expect(reuseEvidence(grant, { generation: 4, nonce: id('4') }, 900, undefined, {})).toMatchObject({
      ageMs: 0,
    })
  })

  test('says that address and agent changed only where both sides are known', () => {
    const token = { generation: 4, nonce: id('4') }
    const known = { remoteAddress: '192.0.2.1', userAgent: 'a' }
    const of = (
      before: Parameters<typeof reuseEvidence>[3],
      presenter: Parameters<typeof reuseEvidence>[4],
    ) => {
      const { addressChanged, agentChanged } = reuseEvidence(grant, token, 1000, before, presenter)
      return [addressChanged, agentChanged]
    }

    expect(of(known, { remoteAddress: '192.0.2.1', userAgent: 'b' })).toEqual([false, true])
    expect(of(known, { remoteAddress: '192.0.2.2', userAgent: 'a' })).toEqual([true, false])
    expect(of({ remoteAddress: '192.0.2.1' }, { remoteAddress: '192.0.2.2', userAgent: 'a' })).toEqual([
      true,
      undefined,
    ])
    expect(of(known, {})).toEqual([undefined, undefined])
    expect(of(undefined, { remoteAddress: '192.0.2.1', userAgent: 'a' })).toEqual([undefined, undefined])
  })
})
