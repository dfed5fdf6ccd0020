import type { RatchetToken } from '../../src/ratchet/token-codec.js'
import { UnansweredTurns } from '../../src/ratchet/unanswered-turns.js'
import { grantOf, id } from '../setup/records.js'

const minutes = 60_000
/** The token that was presented, and the grant where a turn of it to the nonce `5` has brought it. */
const token: RatchetToken = { grantId: id('g'), generation: 4, nonce: id('4') }
const turned = grantOf()
const owner = { clientId: 'app-a' }

function byKey(keyHash: string, previousKeyHash?: string) {
  return grantOf({ keyHash, ...(previousKeyHash !== undefined && { previousKeyHash }) })
}

function remembering(...nonces: string[]): UnansweredTurns {
  const turns = new UnansweredTurns()
  for (const nonce of nonces) turns.add(token, owner.clientId, nonce, 0)
  return turns
}

describe('a turn that nobody was answered', () => {
  test('explains the grant that it has brought on, for less than ten minutes', () => {
    const turns = remembering(id('5'))

    expect(turns.explain(turned, token, owner, 10 * minutes - 1)).toBe(true)
    expect(turns.explain(turned, token, owner, 10 * minutes)).toBe(false)
  })

  test.each([
    ['that another process has turned and answered', grantOf({ nonce: id('6') })],
    ['that has gone on since', grantOf({ generation: 6 })],
    ['that was turned from another nonce', grantOf({ previousNonce: id('x') })],
  ])('explains no grant %s', (_, grant) => {
    expect(remembering(id('5')).explain(grant, token, owner, 1)).toBe(false)
  })

  test.each([
    ['of another grant', { ...token, grantId: id('h') }, owner],
    ['of the generation before', { ...token, generation: 3 }, owner],
    ['of the generation after', { ...token, generation: 5 }, owner],
    ['with a nonce that was not presented', { ...token, nonce: id('x') }, owner],
    ['of another client', token, { clientId: 'app-b' }],
  ])('explains no token %s', (_, presented, presenter) => {
    expect(remembering(id('5')).explain(turned, presented, presenter, 1)).toBe(false)
  })

  test.each([
    ['a key that arms a repeat, which every process knows', byKey(id('k')), id('k'), false],
    ['a key that the turn before used too, presented again', byKey(id('k'), id('k')), id('k'), true],
    ['a key that the turn before used too, and another key', byKey(id('k'), id('k')), id('x'), false],
    ['a key that the turn before used too, and no key', byKey(id('k'), id('k')), undefined, false],
    ['no key, also after one with a key', grantOf({ previousKeyHash: id('k') }), undefined, true],
  ])('made with %s', (_, grant, keyHash, explained) => {
    const presenter = { ...owner, ...(keyHash !== undefined && { keyHash }) }

    expect(remembering(id('5')).explain(grant, token, presenter, 1)).toBe(explained)
  })

  test('is one of 64 attempts, of which the first stay: a store that goes on makes the first of them', () => {
    const nonces = Array.from({ length: 100 }, (_, count) => id(`n${count}-`))
    const turns = remembering(...nonces)
    const explained = nonces.filter((nonce) => turns.explain(grantOf({ nonce }), token, owner, 1))

    expect(explained).toHaveLength(64)
    expect(explained.slice(0, 63)).toEqual(nonces.slice(0, 63))
    expect(explained.at(-1)).toBe(nonces.at(-1))
  })

  test('never explains a code, which is for one use', () => {
    const code = { ...token, generation: 0 }
    const turns = new UnansweredTurns()
    turns.add(code, owner.clientId, id('5'), 0)

    expect(turns.explain(grantOf({ generation: 1 }), code, owner, 1)).toBe(false)
  })

  test('is over once it was answered, for attempts that still wait as well', () => {
    const turns = remembering(id('5'))
    turns.answered(token, owner.clientId, 0)
    expect(turns.explain(turned, token, owner, 1)).toBe(false)

    turns.add(token, owner.clientId, id('5'), 1)

    expect(turns.explain(turned, token, owner, 2)).toBe(false)
  })

  test('is forgotten behind ten thousand later ones: an outage costs no memory without end', () => {
    const turns = remembering(id('5'))
    const add = (count: number) =>
      turns.add({ ...token, grantId: id(`other-${count}-`) }, owner.clientId, id('5'), 0)
    for (let count = 1; count < 10_000; count++) add(count)
    expect(turns.explain(turned, token, owner, 1)).toBe(true)

    add(10_000)

    expect(turns.explain(turned, token, owner, 1)).toBe(false)
    const first = id('other-1-')
    expect(turns.explain(grantOf({ id: first }), { ...token, grantId: first }, owner, 1)).toBe(true)
  })
})
