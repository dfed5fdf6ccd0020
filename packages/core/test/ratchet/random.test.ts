import crypto from 'node:crypto'

const poolSize = 8192
const fill = jest.spyOn(crypto, 'randomFillSync')
// Only now, since it takes hold of `randomFillSync` when it is loaded.
const loaded = import('../../src/ratchet/random.js')

beforeEach(() => fill.mockClear())

/** Takes bytes until the pool is filled anew, and gives the pool. */
async function freshPool(): Promise<Buffer> {
  const { randomBytes } = await loaded
  while (fill.mock.calls.length === 0) randomBytes(16)
  return fill.mock.calls[0]?.[0] as Buffer
}

test('what was handed out does not stay behind in the pool', async () => {
  const { randomBytes } = await loaded
  const pool = await freshPool()
  expect(pool.subarray(0, 16)).toEqual(Buffer.alloc(16))
  const next = Buffer.from(pool.subarray(16, 48))
  expect(next).not.toEqual(Buffer.alloc(32))

  const bytes = randomBytes(32)

  expect(bytes).toEqual(next)
  expect(pool.subarray(0, 48)).toEqual(Buffer.alloc(48))
  expect(pool.subarray(48, 64)).not.toEqual(Buffer.alloc(16))
})

test('what was handed out is a copy that the pool does not change', async () => {
  const { randomBytes } = await loaded
  const bytes = randomBytes(32)
  const before = Buffer.from(bytes)
  fill.mockClear()
  await freshPool()

  expect(bytes).toEqual(before)
})

test('no byte is handed out twice, and none before it was filled', async () => {
  const { randomBytes, randomId } = await loaded
  const ids = new Set<string>()
  for (let count = 0; count < 2000; count++) {
    ids.add(randomId()).add(randomBytes(12).toString('base64url'))
  }

  expect(ids.size).toBe(4000)
  expect(fill.mock.calls.length).toBeGreaterThanOrEqual(Math.floor((2000 * 28) / poolSize))
  for (const id of ids) expect(id).not.toMatch(/^A+$/)
})
