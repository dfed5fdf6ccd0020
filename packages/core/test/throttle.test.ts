import { Throttle } from '@oauth-ratchet/core'
import { Clock } from './setup/clock.js'

const home = '192.0.2.1'

function throttle(attempts = 3, windowMs = 60_000) {
  const clock = new Clock()
  const inner = new Throttle({ attempts, windowMs, now: clock.now })
  return {
    clock,
    fail: (name: string, address: string | undefined = home) => inner.fail(name, address),
    isOver: (name: string, address: string | undefined = home) => inner.isOver(name, address),
    error: (name: string, address: string | undefined = home) => inner.error(name, address),
  }
}

describe('a throttle', () => {
  test('is over after so many failures, for that name only', () => {
    const { fail, isOver } = throttle()
    expect([fail('a'), fail('a')]).toEqual([false, false])
    expect(isOver('a')).toBe(false)

    expect(fail('a')).toBe(false)

    expect(isOver('a')).toBe(true)
    expect(fail('a')).toBe(true)
    expect(isOver('b')).toBe(false)
  })

  test('forgets when the window is over, which failures do not extend', () => {
    const { fail, isOver, clock } = throttle()
    fail('a')
    clock.advance(59)
    fail('a')
    fail('a')
    fail('a')
    expect(isOver('a')).toBe(true)
    clock.advance(0.999)
    expect(isOver('a')).toBe(true)
    clock.advance(0.001)

    expect(isOver('a')).toBe(false)
    expect(fail('a')).toBe(false)
  })

  test('asking counts nothing', () => {
    const { isOver } = throttle(1)
    for (let times = 0; times < 10; times++) isOver('a')

    expect(isOver('a')).toBe(false)
  })

  test('answers with a 429 that says how long', () => {
    const { fail, error, clock } = throttle(1)
    fail('a')
    clock.advance(10.5)

    expect(error('a')).toMatchObject({ status: 429, retryAfter: 50, code: 'temporarily_unavailable' })
    expect(error('unknown')).toMatchObject({ retryAfter: 1 })
  })

  test.each([
    ['once it is locked', 3],
    ['on the way there', 2],
  ])('locks for one window at most where the clock was put back a day, %s', (_, before) => {
    const { fail, isOver, error, clock } = throttle()
    for (let times = 0; times < before; times++) fail('a')
    clock.advance(-86_400)
    for (let times = before; times < 3; times++) fail('a')

    expect(isOver('a')).toBe(true)
    expect(error('a')).toMatchObject({ retryAfter: 60 })
    clock.advance(59.999)
    expect(isOver('a')).toBe(true)
    clock.advance(0.001)
    expect(isOver('a')).toBe(false)
  })
})

describe('what a throttle remembers', () => {
  test('of names below their limit is the ten thousand that failed last', () => {
    const { fail, isOver } = throttle(2)
    fail('first')
    fail('second')
    for (let key = 0; key < 9_998; key++) fail(`k${key}`, addressOf(key))
    expect([fail('second'), isOver('second')]).toEqual([false, true])

    for (let key = 0; key < 2; key++) fail(`more${key}`, addressOf(key))

    // Forgotten: this is the first failure of its window again.
    expect([fail('first'), isOver('first')]).toEqual([false, false])
  })

  test('of a locked name is not pushed out by junk names, however many', () => {
    const { fail, isOver } = throttle(2)
    fail('alice')
    fail('alice')

    for (let key = 0; key < 30_000; key++) fail(`junk${key}`, addressOf(key))

    expect(isOver('alice')).toBe(true)
  })

  test('of locked names is ten thousand too, the latest: memory stays bounded', () => {
    const { fail, isOver } = throttle(1)
    for (let key = 0; key < 10_001; key++) fail('n', addressOf(key))

    expect([0, 1, 10_000].map((key) => isOver('n', addressOf(key)))).toEqual([false, true, true])
    // Those that are locked leave room to count the others.
    const { fail: count, isOver: counted } = throttle(2)
    for (let key = 0; key < 20_000; key++) count('n', addressOf(key >> 1))
    count('alice')
    count('alice')
    expect(counted('alice')).toBe(true)
  })
})

describe('the limit of an address', () => {
  test('is ten times that of a name: an office is not locked out by who mistypes in it', () => {
    const { fail, isOver } = throttle(3)
    for (let name = 0; name < 9; name++) {
      // Going on after the lock counts no more: a device with an old password does not use up the office's limit.
      for (let times = 0; times < 50; times++) fail(`n${name}`)
    }
    expect(isOver('somebody else')).toBe(false)
    for (let times = 0; times < 3; times++) fail('n9')

    expect(isOver('somebody else')).toBe(true)
    expect(fail('somebody else')).toBe(true)
    expect(isOver('somebody else', '192.0.2.2')).toBe(false)
  })

  test('stops guessing under many names, and is over when the window is', () => {
    const { fail, isOver, error, clock } = throttle(3)
    for (let name = 0; name < 30; name++) expect(fail(`n${name}`)).toBe(false)

    expect(fail('n30')).toBe(true)
    expect(error('n30')).toMatchObject({ status: 429, retryAfter: 60 })
    clock.advance(60)
    expect(isOver('n30')).toBe(false)
  })

  test('is none where no address is known', () => {
    const one = new Throttle({ attempts: 1, windowMs: 60_000, now: new Clock().now })
    for (let name = 0; name < 50; name++) expect(one.fail(`n${name}`, undefined)).toBe(false)

    expect(one.isOver('n0', undefined)).toBe(true)
    expect(one.isOver('somebody else', undefined)).toBe(false)
  })
})

describe('addresses', () => {
  test('of IPv6 count as their /64: who has one has all of them', () => {
    const address = '2001:db8:1:2:3:4:5:6'
    for (const same of ['2001:db8:1:2::', '2001:db8:1:2::1', '2001:db8:1:2:ffff:ffff:ffff:ffff']) {
      expect(isOneAddress(address, same)).toBe(true)
    }
    for (const other of ['2001:db8:1:3::1', '2001:db8:1::2', '2001:db8::1:2:3:4', '::1']) {
      expect(isOneAddress(address, other)).toBe(false)
    }
  })

  test('with zeros written or left out are one', () => {
    expect(isOneAddress('2001:db8::1', '2001:db8:0:0:0:0:0:1')).toBe(true)
    expect(isOneAddress('::1', '0:0:0:0:0:0:0:1')).toBe(true)
  })

  test('of IPv4 are told apart whole, mapped into IPv6 or not', () => {
    expect(isOneAddress('192.0.2.1', '192.0.2.2')).toBe(false)
    expect(isOneAddress('::ffff:192.0.2.1', '::ffff:192.0.2.2')).toBe(false)
  })
})

describe('names', () => {
  test.each([
    ['case', 'ALICE'],
    ['spaces around it', ' \talice \n'],
    ['width', 'ａｌｉｃｅ'],
    ['accents, which databases ignore', 'álicé'],
    ['invisible characters', 'al\u200Bi\u00ADce\u2060'],
  ])('are one name for an app that ignores %s, and have one count', (_, spelling) => {
    expect(isOneName('alice', spelling)).toBe(true)
    expect(isOneName(spelling, 'alice')).toBe(true)
  })

  test.each([
    ['STRASSE', 'straße'],
    ['ΣΊΣΥΦΟΣ', 'σίσυφος'],
    ['istanbul', 'İSTANBUL'],
    ['ﬁona', 'FIONA'],
    ['K', '\u212A'],
    ['é', 'e\u0301'],
  ])('%s and %s are folded to one', (one, other) => {
    expect(isOneName(one, other)).toBe(true)
  })

  test('that differ in letters or digits are told apart', () => {
    for (const other of ['bob', 'alic', 'alice1', 'alicia', 'алиса'])
      expect(isOneName('alice', other)).toBe(false)
    expect(isOneName('用户一', '用户二')).toBe(false)
  })

  test('are one where only what follows 255 characters differs: a key costs no more memory than that', () => {
    expect(isOneName('x'.repeat(255), 'x'.repeat(100_000))).toBe(true)
    expect(isOneName('x'.repeat(254), 'x'.repeat(255))).toBe(false)
  })
})

function addressOf(one: number): string {
  return `2001:db8:${(one >> 8).toString(16)}:${(one & 255).toString(16)}::1`
}

/** Whether a failure from one address counts against the other. */
function isOneAddress(one: string, other: string): boolean {
  const { fail, isOver } = throttle(1)
  fail('c', one)
  return isOver('c', other)
}

/** Whether a failure under one name counts against the other. */
function isOneName(one: string, other: string): boolean {
  const { fail, isOver } = throttle(1)
  fail(one)
  return isOver(other)
}
