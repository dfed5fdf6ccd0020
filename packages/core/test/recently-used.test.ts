import { RecentlyUsed } from '../src/recently-used.js'

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
})
