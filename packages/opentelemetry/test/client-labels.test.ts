import { ClientLabels } from '../src/client-labels.js'

test('the first so many clients have a label of their own, and keep it; others are one', () => {
  const labels = new ClientLabels(undefined, 2)

  expect(['a', 'b', 'c', 'a', 'd', undefined].map((id) => labels.of(id))).toEqual([
    'a',
    'b',
    'other',
    'a',
    'other',
    'none',
  ])
})

test('with a list these have one and no other, also where the list is empty', () => {
  const labels = new ClientLabels(['b', 'c'], 50)

  expect(['a', 'b', 'c'].map((id) => labels.of(id))).toEqual(['other', 'b', 'c'])
  expect(new ClientLabels([], 50).of('a')).toBe('other')
})
