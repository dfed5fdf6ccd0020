import { chainOf, describeChain, foldChain } from '../src/chain.js'
import type { Link } from '../src/chain.js'
import { layOut, textBelow } from '../src/chain-layout.js'
import { mergeEvents } from '../src/demo-event.js'
import type { DemoEvent, Happening } from '../src/demo-event.js'

const expiresAt = 0
let count = 0
function event(happening: Happening, grant = 'a'): DemoEvent {
  count += 1
  return { ...happening, id: `e${count}`, at: count, tab: 1, grant }
}
function chain(...happenings: readonly Happening[]) {
  return chainOf(happenings.map((happening) => event(happening)))
}
const begun: Happening = { kind: 'begun', expiresAt }
function turned(from: number, by: 'owner' | 'thief' = 'owner'): Happening {
  return { kind: 'turned', from, by, expiresAt }
}
const states = (links: readonly Link[]) => links.map(({ state }) => state)

test('a sign-in spends the code, and each refresh the token before', () => {
  expect(states(chain(begun).links)).toEqual(['spent', 'current'])
  expect(states(chain(begun, turned(1), turned(2)).links)).toEqual(['spent', 'spent', 'spent', 'current'])
})

test('without any event there is no chain', () => {
  expect(chain()).toEqual({ links: [], end: undefined })
  expect(describeChain(chain())).toBe('No tokens yet.')
})

test('a refresh whose answer was lost and that was sent again ends nothing', () => {
  const { links, end } = chain(
    begun,
    { kind: 'turned', from: 1, by: 'owner', expiresAt, lost: true },
    {
      kind: 'repeated',
      from: 1,
      expiresAt,
    },
  )
  expect(end).toBeUndefined()
  expect(links.at(-1)).toMatchObject({ generation: 2, state: 'current', repeats: 1, reused: false })
})

test('a spent token that the thief shows ends the grant', () => {
  const happened: Happening[] = [
    begun,
    { kind: 'stolen', generation: 1 },
    turned(1),
    { kind: 'refused', from: 1, by: 'thief' },
    { kind: 'refused', from: 2, by: 'owner' },
    { kind: 'signed-out', reason: 'revoked' },
  ]
  const { links, end } = chain(...happened)
  expect(end).toBe('reuse')
  expect(states(links)).toEqual(['spent', 'spent', 'ended'])
  expect(links.map(({ reused, stolen }) => [reused, stolen])).toEqual([
    [false, false],
    [true, true],
    [false, false],
  ])
  expect(describeChain(chain(...happened))).toBe(
    'Code: spent. Generation 1: came back, copied. Generation 2: dead. The grant has ended.',
  )
})

test('a thief who is faster has the next token until the owner shows the one that both had', () => {
  const stolen: Happening = { kind: 'stolen', generation: 1 }
  expect(chain(begun, stolen, turned(1, 'thief')).links.at(-1)).toMatchObject({
    state: 'current',
    holder: 'thief',
  })
  const { links, end } = chain(begun, stolen, turned(1, 'thief'), { kind: 'refused', from: 1, by: 'owner' })
  expect(end).toBe('reuse')
  expect(links[1]?.reused).toBe(true)
})

test('a current token that is refused was not reused: the grant was ended elsewhere', () => {
  const { links, end } = chain(begun, { kind: 'refused', from: 1, by: 'owner' })
  expect([end, links[1]?.reused]).toEqual(['refused', false])
})

test('a sign-out ends the chain', () => {
  expect(chain(begun, { kind: 'signed-out', reason: 'user' }).end).toBe('user')
})

test('a token of which nothing is known has the generations before it', () => {
  expect(states(chain({ kind: 'found', generation: 3 }).links)).toEqual([
    'spent',
    'spent',
    'spent',
    'current',
  ])
})

test('the middle of a long chain is folded, but for what happened in it', () => {
  const turns = Array.from({ length: 20 }, (_, index) => turned(index + 1))
  const { links } = chain(begun, ...turns, { kind: 'stolen', generation: 8 })
  expect(
    foldChain(links).map((place) => ('from' in place ? [place.from, place.to] : place.generation)),
  ).toEqual([0, 1, [2, 7], 8, [9, 15], 16, 17, 18, 19, 20, 21])
})

test('logs of two tabs become the same log in either order, each event once', () => {
  const all = [begun, turned(1), turned(2)].map((happening) => event(happening))
  const [first, second, third] = all as [DemoEvent, DemoEvent, DemoEvent]
  expect(mergeEvents([first, third], [second, first])).toEqual(all)
  expect(mergeEvents([second, first], [first, third])).toEqual(all)
})

test('a new sign-in begins a new log', () => {
  const before = [begun, turned(1)].map((happening) => event(happening))
  const after = [event(begun, 'b')]
  expect(mergeEvents(before, after)).toEqual(after)
})

test('a long log loses what the picture is not drawn from', () => {
  const called = Array.from({ length: 600 }, () => event({ kind: 'called', request: 'GET', status: 200 }))
  const merged = mergeEvents([event(begun), event(turned(1))], called)
  expect(merged.length).toBe(400)
  expect(chainOf(merged).links).toHaveLength(3)
})

test('no place of the picture is wider than what there is room for', () => {
  for (const width of [300, 340, 720, 1200]) {
    const layout = layOut(11, 3, width)
    expect(layout.width).toBeLessThanOrEqual(width)
    expect(layout.lines).toHaveLength(10)
    expect(Math.max(...layout.centers.map(({ y }) => y + textBelow(2)))).toBeLessThan(layout.height)
  }
})
