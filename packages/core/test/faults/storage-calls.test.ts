import { StorageCalls } from '../../src/faults/storage-calls.js'
import { StorageError } from '../../src/index.js'

const outcomeOf = (call: Promise<unknown>) => {
  const seen: { error?: unknown; value?: unknown } = {}
  call.then(
    (value) => (seen.value = value),
    (error: unknown) => (seen.error = error),
  )
  return seen
}
const never = () => new Promise<never>(() => {})

describe('calls of a storage', () => {
  beforeEach(() => jest.useFakeTimers())
  afterEach(() => jest.useRealTimers())

  test('have the whole limit each, whenever they began, and not more', async () => {
    const calls = new StorageCalls(2000)
    const first = outcomeOf(calls.run(never))
    await jest.advanceTimersByTimeAsync(1500)
    const second = outcomeOf(calls.run(never))

    await jest.advanceTimersByTimeAsync(499)
    expect([first, second]).toEqual([{}, {}])
    await jest.advanceTimersByTimeAsync(1)
    expect([first.error, second]).toEqual([expect.any(StorageError), {}])
    await jest.advanceTimersByTimeAsync(1499)
    expect(second).toEqual({})
    await jest.advanceTimersByTimeAsync(1)
    expect(second.error).toMatchObject({ message: 'The storage did not answer in time.', outcome: 'unknown' })
  })

  test('are watched by one timer, which ends with the last of them', async () => {
    const calls = new StorageCalls(2000)
    for (let call = 0; call < 50; call++) void calls.run(() => Promise.resolve(call))
    const waiting = outcomeOf(calls.run(never))
    expect(jest.getTimerCount()).toBe(1)

    await jest.advanceTimersByTimeAsync(2000)

    expect([waiting.error, jest.getTimerCount()]).toEqual([expect.any(StorageError), 0])
  })

  test('that answered in time are left alone, and what comes after the limit is dropped', async () => {
    const calls = new StorageCalls(2000)
    const answers: ((text: string) => void)[] = []
    const answered = new Promise<string>((resolve) => answers.push(resolve))
    const [quick, slow] = [outcomeOf(calls.run(async () => 'quick')), outcomeOf(calls.run(() => answered))]

    await jest.advanceTimersByTimeAsync(5000)
    for (const answer of answers) answer('late')
    await jest.advanceTimersByTimeAsync(5000)

    expect(quick).toEqual({ value: 'quick' })
    expect(slow).toEqual({ error: expect.any(StorageError) })
  })

  test('may throw instead of rejecting', async () => {
    const cause = new Error('broken')
    const outcome = outcomeOf(
      new StorageCalls(2000).run(() => {
        throw cause
      }),
    )
    await jest.advanceTimersByTimeAsync(0)

    expect(outcome.error).toMatchObject({ message: 'The storage failed.', cause })
  })
})
