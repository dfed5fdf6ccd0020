import { chainOf } from '../src/chain.js'
import type { DemoEvent, Happening } from '../src/demo-event.js'
import { describeEvent } from '../src/describe-event.js'
import { verdictOn } from '../src/verdict.js'

function eventsOf(...happenings: readonly Happening[]): readonly DemoEvent[] {
  return happenings.map((happening, at) => ({ ...happening, id: `e${at}`, at, tab: 1, grant: 'a' }))
}
/** What the log says of the last event, and the notice above the picture. */
function wordsOf(...happenings: readonly Happening[]) {
  const events = eventsOf(...happenings)
  const chain = chainOf(events)
  const last = events.at(-1)
  return { log: last && describeEvent(last, chain), notice: verdictOn(chain, events)?.title }
}

const begun: Happening = { kind: 'begun', expiresAt: 0 }
const turned: Happening = { kind: 'turned', from: 1, by: 'owner', expiresAt: 0 }
const repeated: Happening = { kind: 'repeated', from: 1, expiresAt: 0 }
const revoked: Happening = { kind: 'signed-out', reason: 'revoked' }

test('after a theft the log says why the session is over', () => {
  const reuse = 'Signed out: generation 1 was used twice, so the server ended the session.'
  const byThief: Happening = { kind: 'refused', from: 1, by: 'thief' }
  const byOwner: Happening = { kind: 'refused', from: 2, by: 'owner' }
  expect(wordsOf(begun, turned, byThief, byOwner, revoked).log).toBe(reuse)
  const thiefWasFaster: Happening = { ...turned, by: 'thief' }
  expect(wordsOf(begun, thiefWasFaster, { ...byOwner, from: 1 }, revoked).log).toBe(reuse)
})

test('other ends have their reasons', () => {
  for (const [reason, words] of [
    ['user', 'Signed out by the user.'],
    ['expired', 'Signed out: the session has expired.'],
    ['revoked', 'Signed out: the server has ended the session.'],
  ] as const) {
    expect(wordsOf(begun, { kind: 'signed-out', reason }).log).toBe(words)
  }
})

test('the notice of a lost answer is there until something else is done', () => {
  const lost = 'An answer was lost, and nobody was signed out.'
  expect(wordsOf(begun, turned, repeated).notice).toBe(lost)
  expect(wordsOf(begun, turned, repeated, { kind: 'adopted', generation: 2 }).notice).toBe(lost)
  for (const next of [
    { kind: 'offline' },
    { kind: 'stolen', generation: 2 },
    { ...turned, from: 2 },
  ] as const) {
    expect(wordsOf(begun, turned, repeated, next).notice).toBeUndefined()
  }
  expect(wordsOf(begun, turned, repeated, { kind: 'offline' }, { kind: 'online' }).notice).toBeUndefined()
})
