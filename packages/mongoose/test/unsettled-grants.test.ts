import { EventEmitter, once } from 'node:events'

import { UnsettledGrants } from '../src/unsettled-grants.js'

const known = (error: unknown): boolean => error === 'refused'

/** A write that ends when it is told to. */
function pendingWrite() {
  const end = new EventEmitter()
  const ended = once(end, 'succeed')
  return {
    run: () => ended,
    succeed: () => end.emit('succeed'),
    fail: (error: Error) => end.emit('error', error),
  }
}

afterEach(() => {
  jest.useRealTimers()
})

it('a grant is unsettled while a write of it is under way', async () => {
  const unsettled = new UnsettledGrants()
  const write = pendingWrite()
  const during = unsettled.during('a', write.run, known)
  expect([unsettled.has('a'), unsettled.has('b')]).toEqual([true, false])
  write.succeed()
  await during
  expect(unsettled.has('a')).toBe(false)
})

it('a write that was refused leaves nothing open, one whose outcome is unknown does', async () => {
  const unsettled = new UnsettledGrants()
  for (const [id, error] of [
    ['a', 'refused'],
    ['b', 'lost'],
  ] as const) {
    await expect(unsettled.during(id, () => Promise.reject(error as unknown), known)).rejects.toBe(error)
  }
  expect([unsettled.has('a'), unsettled.has('b')]).toEqual([false, true])
})

it('of two writes at once the later one to end does not settle the other', async () => {
  const unsettled = new UnsettledGrants()
  const [lost, done] = [pendingWrite(), pendingWrite()]
  const both = [unsettled.during('a', lost.run, known), unsettled.during('a', done.run, known)]
  done.succeed()
  await both[1]
  expect(unsettled.has('a')).toBe(true)
  lost.fail(new Error('lost'))
  await expect(both[0]).rejects.toThrow('lost')
  expect(unsettled.has('a')).toBe(true)
  await unsettled.during('a', () => Promise.resolve(), known)
  expect(unsettled.has('a')).toBe(true)
})

it('a grant is settled again when nobody can be looking any more', async () => {
  jest.useFakeTimers()
  const unsettled = new UnsettledGrants()
  await expect(unsettled.during('a', () => Promise.reject(new Error('lost')), known)).rejects.toThrow('lost')
  jest.advanceTimersByTime(59_999)
  expect(unsettled.has('a')).toBe(true)
  jest.advanceTimersByTime(1)
  expect(unsettled.has('a')).toBe(false)
})

it('an outage of any size leaves a bounded memory behind, and no grant of it is shown too early', async () => {
  jest.useFakeTimers()
  const unsettled = new UnsettledGrants()
  const lose = (id: string) =>
    unsettled.during(id, () => Promise.reject(new Error('lost')), known).catch(() => undefined)
  for (let grant = 0; grant <= 20_000; grant += 1) await lose(`grant-${grant}`)
  // Too many to tell them apart from others.
  expect(['grant-0', 'grant-20000', 'another'].map((id) => unsettled.has(id))).toEqual([true, true, true])
  jest.advanceTimersByTime(59_999)
  expect(unsettled.has('grant-0')).toBe(true)
  await lose('late')
  jest.advanceTimersByTime(1)
  expect(['grant-0', 'another', 'late'].map((id) => unsettled.has(id))).toEqual([false, false, true])
})
