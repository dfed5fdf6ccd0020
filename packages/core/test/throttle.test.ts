import { Throttle, throttleKey } from '@oauth-ratchet/core'
import { Clock } from './setup/clock.js'

function throttle(attempts = 3, windowMs = 60_000) {
  const clock = new Clock()
  return { clock, throttle: new Throttle({ attempts, windowMs, now: clock.now }) }
}

describe('a throttle', () => {
  test('is over after so many failures, for that key only', () => {
    const { throttle: one } = throttle()
    expect([one.fail('a'), one.fail('a')]).toEqual([false, false])
    expect(one.isOver('a')).toBe(false)

    expect(one.fail('a')).toBe(false)

    expect(one.isOver('a')).toBe(true)
    expect(one.fail('a')).toBe(true)
    expect(one.isOver('b')).toBe(false)
  })

  test('forgets when the window is over, which failures do not extend', () => {
    const { throttle: one, clock } = throttle()
    one.fail('a')
    clock.advance(59)
    one.fail('a')
    one.fail('a')
    expect(one.isOver('a')).toBe(true)
    clock.advance(0.999)
    expect(one.isOver('a')).toBe(true)
    clock.advance(0.001)

    expect(one.isOver('a')).toBe(false)
    expect(one.fail('a')).toBe(false)
  })

  test('asking counts nothing', () => {
    const { throttle: one } = throttle(1)
    for (let times = 0; times < 10; times++) one.isOver('a')

    expect(one.isOver('a')).toBe(false)
  })

  test('answers with a 429 that says how long', () => {
    const { throttle: one, clock } = throttle(1)
    one.fail('a')
    clock.advance(10.5)

    expect(one.error('a')).toMatchObject({ status: 429, retryAfter: 50, code: 'temporarily_unavailable' })
    expect(one.error('unknown')).toMatchObject({ retryAfter: 1 })
  })

  test('remembers ten thousand keys at most, and forgets those that failed longest ago', () => {
    const { throttle: one } = throttle(1)
    one.fail('first')
    one.fail('second')
    for (let key = 0; key < 9_998; key++) one.fail(`k${key}`)
    expect([one.isOver('first'), one.isOver('second')]).toEqual([true, true])
    one.fail('first')

    one.fail('one more')

    expect([one.isOver('first'), one.isOver('second'), one.isOver('k0')]).toEqual([true, false, true])
  })
})

describe('the key of a throttle', () => {
  test('of IPv6 is the /64: who has one address has all of them', () => {
    const key = throttleKey('c', '2001:db8:1:2:3:4:5:6')

    for (const same of ['2001:db8:1:2::', '2001:db8:1:2::1', '2001:db8:1:2:ffff:ffff:ffff:ffff']) {
      expect(throttleKey('c', same)).toBe(key)
    }
    for (const other of ['2001:db8:1:3::1', '2001:db8:1::2', '2001:db8::1:2:3:4', '::1']) {
      expect(throttleKey('c', other)).not.toBe(key)
    }
  })

  test('of an address with zeros written or left out is one', () => {
    expect(throttleKey('c', '2001:db8::1')).toBe(throttleKey('c', '2001:db8:0:0:0:0:0:1'))
    expect(throttleKey('c', '::1')).toBe(throttleKey('c', '0:0:0:0:0:0:0:1'))
  })

  test('of IPv4 is the whole address, mapped into IPv6 or not', () => {
    expect(throttleKey('c', '192.0.2.1')).not.toBe(throttleKey('c', '192.0.2.2'))
    expect(throttleKey('c', '::ffff:192.0.2.1')).not.toBe(throttleKey('c', '::ffff:192.0.2.2'))
  })

  test('tells names apart, and keeps them short', () => {
    expect(throttleKey('a', '192.0.2.1')).not.toBe(throttleKey('b', '192.0.2.1'))
    expect(throttleKey('a', undefined)).not.toBe(throttleKey('b', undefined))
    expect(throttleKey('x'.repeat(100_000), '192.0.2.1').length).toBeLessThan(300)
  })
})
