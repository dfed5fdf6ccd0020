import * as fc from 'fast-check'
import { RecentlyUsed } from '../src/recently-used.js'

/** How long 30,000 new entries take a map that is full. */
function fill(size: number): number {
  const map = new RecentlyUsed<string, number>(size)
  for (let index = 0; index < 30_000; index++) map.set(`filled ${index}`, index)
  const began = performance.now()
  for (let index = 0; index < 30_000; index++) map.set(`entry ${index}`, index)
  return performance.now() - began
}

const fastestFill = (size: number) => Math.min(...[1, 2, 3].map(() => fill(size)))

describe('a map of what was used lately', () => {
  test('forgets what was not used for longest, and nothing before it is full', () => {
    const map = new RecentlyUsed<string, number>(2)
    map.set('a', 1)
    map.set('b', 2)
    expect(map.get('a')).toBe(1)
    map.set('c', 3)

    expect(['a', 'b', 'c'].map((key) => map.get(key))).toEqual([1, undefined, 3])
  })

  test('takes a new value for a key without growing, and forgets one on demand', () => {
    const map = new RecentlyUsed<string, number>(2)
    map.set('a', 1)
    map.set('b', 2)
    map.set('a', 3)
    map.set('c', 4)
    map.delete('c')

    expect(['a', 'b', 'c'].map((key) => map.get(key))).toEqual([3, undefined, undefined])
  })

  test('one that weighs more takes the place of several, and one that weighs too much is not kept', () => {
    const map = new RecentlyUsed<string, number>(4)
    map.set('a', 1)
    map.set('b', 2)
    map.set('heavy', 3, 3)
    expect(['a', 'b', 'heavy'].map((key) => map.get(key))).toEqual([undefined, 2, 3])
    map.delete('heavy')
    map.set('c', 4, 2)
    expect(['b', 'c'].map((key) => map.get(key))).toEqual([2, 4])
    map.set('huge', 5, 5)
    expect(['b', 'c', 'huge'].map((key) => map.get(key))).toEqual([undefined, undefined, undefined])
  })

  test('holds what a list in the order of use would hold, whatever is done to it', () => {
    const key = fc.integer({ min: 0, max: 6 })
    const step = fc.record({
      call: fc.constantFrom('get', 'set', 'delete'),
      key,
      weight: fc.constantFrom(1, 1, 2, 5),
    })
    fc.assert(
      fc.property(fc.array(step, { maxLength: 60 }), (steps) => {
        const map = new RecentlyUsed<number, object>(4)
        let list: { key: number; value: object; weight: number }[] = []
        for (const { call, key: at, weight } of steps) {
          const known = list.find((each) => each.key === at)
          const others = list.filter((each) => each.key !== at)
          if (call === 'delete') {
            map.delete(at)
            list = others
          } else if (call === 'get') {
            expect(map.get(at)).toBe(known?.value)
            if (known !== undefined) list = [...others, known]
          } else {
            const value = {}
            map.set(at, value, weight)
            list = [...others, { key: at, value, weight }]
            while (list.reduce((sum, each) => sum + each.weight, 0) > 4) list.shift()
          }
        }
        const values = [...list]
        expect(values.map((each) => map.get(each.key))).toEqual(values.map((each) => each.value))
        expect([0, 1, 2, 3, 4, 5, 6].filter((each) => map.get(each) !== undefined)).toHaveLength(list.length)
      }),
    )
  })

  test('a new entry costs a full map of ten thousand about what it costs one of a hundred', () => {
    expect(fastestFill(10_000)).toBeLessThan(12 * fastestFill(100))
  })
})
