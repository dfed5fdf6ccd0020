import { CallbackError } from '@oauth-ratchet/core'
import { Events } from '../src/events.js'
import { codeOf, redemption } from './setup/authorization.js'
import { stderr } from './setup/stderr.js'
import { startServer } from './setup/test-server.js'
import { idOfGrant, issue, tokensOf } from './setup/tokens.js'

/** The lines that work makes, with a clock that it moves; it may look at those that there are so far. */
function linesOf(work: (events: Events, lines: readonly string[]) => void): string[] {
  const output = stderr()
  jest.useFakeTimers()
  try {
    work(new Events(Date.now), output.lines)
    return output.lines
  } finally {
    jest.useRealTimers()
    output.restore()
  }
}

const emit = (events: Events, error: unknown) => events.emit('request.failed', { phase: 'callback', error })
const longName = (index: number) => `fault ${'x'.repeat(index)}`

describe('a listener', () => {
  test('gets each event once, with its time, until it is taken off', () => {
    const events = new Events(() => 42)
    const seen: unknown[] = []
    const listener = (event: unknown) => seen.push(event)
    events.on('token.unknown_key', listener)
    events.on('token.unknown_key', listener)

    events.emit('token.unknown_key', { kind: 'refresh_token', keyId: 'x' })
    events.off('token.unknown_key', listener)
    events.emit('token.unknown_key', { kind: 'refresh_token', keyId: 'y' })

    expect(seen).toEqual([{ kind: 'refresh_token', keyId: 'x', at: 42 }])
    expect(events.has('token.unknown_key')).toBe(false)
  })

  test.each([
    [
      'throws',
      () => {
        throw new Error('no')
      },
    ],
    ['rejects', () => Promise.reject(new Error('no'))],
  ])('that %s changes no answer, and keeps no other listener from hearing', async (_, listener) => {
    const output = stderr()
    try {
      const at = startServer()
      const heard: unknown[] = []
      for (const name of ['grant.issued', 'grant.turned', 'grant.reuse_detected', 'grant.revoked'] as const) {
        at.server.on(name, listener)
        at.server.on(name, () => heard.push(name))
      }
      const first = await issue(at)

      expect(await at.refresh(first.refresh_token)).toMatchObject({ status: 200 })
      expect(await at.refresh(first.refresh_token)).toMatchObject({ status: 400 })

      expect(heard).toEqual(['grant.issued', 'grant.turned', 'grant.reuse_detected', 'grant.revoked'])
      const complaints = output.lines.filter((line) => line.includes('a listener of grant.turned threw'))
      expect(complaints).toHaveLength(1)
      expect(complaints[0]).toMatch(/^oauth-ratchet: a listener of grant\.turned threw: Error: no\n    at /)
    } finally {
      output.restore()
    }
  })
})

describe('request.failed without a listener', () => {
  test('goes to stderr with cause and stack: where the app threw can be read there', () => {
    const cause = new TypeError("Cannot read properties of undefined (reading 'id')")

    const [text = '', ...others] = linesOf((events) => {
      emit(events, new CallbackError('signIn', 'threw', cause))
    })

    expect(others).toEqual([])
    expect(text).toMatch(
      /^oauth-ratchet: a request failed \(callback\): CallbackError: The callback signIn threw\n  caused by/,
    )
    expect(text).toMatch(
      /\n  caused by TypeError: Cannot read properties of undefined \(reading 'id'\)\n      at .*events\.test\.ts/,
    )
  })

  test('comes once per distinct fault and minute, then with the number that was left out', () => {
    let soFar = 0
    const lines = linesOf((events, printed) => {
      for (let times = 0; times < 5; times++) emit(events, new Error(`No answer on port ${40_000 + times}.`))
      emit(events, new Error('Something else.'))
      soFar = printed.length
      jest.advanceTimersByTime(60_000)
      emit(events, new Error('No answer on port 50000.'))
      jest.advanceTimersByTime(60_000)
    })

    expect(soFar).toBe(2)
    expect(lines.map((line) => line.split('\n')[0])).toEqual([
      'oauth-ratchet: a request failed (callback): Error: No answer on port 40000.',
      'oauth-ratchet: a request failed (callback): Error: Something else.',
      'oauth-ratchet: 4 more in the last minute of: a request failed (callback): Error: No answer on port 40000.',
      'oauth-ratchet: a request failed (callback): Error: No answer on port 50000.',
    ])
  })

  test('tells faults of one callback apart by what the app threw', () => {
    const lines = linesOf((events) => {
      for (const cause of [new Error('first'), new TypeError('second'), 'a string', new Error('first')]) {
        emit(events, new CallbackError('isSubjectActive', 'threw', cause))
      }
      jest.advanceTimersByTime(60_000)
    })

    expect(lines).toHaveLength(4)
    expect(lines.at(-1)).toContain(
      '1 more in the last minute of: a request failed (callback): CallbackError: The callback isSubjectActive threw, ' +
        'caused by Error: first',
    )
  })

  test('remembers only so many kinds: an error that is new each time fills neither memory nor the log', () => {
    const lines = linesOf((events) => {
      for (let index = 0; index < 1000; index++) emit(events, new Error(longName(index)))
      jest.advanceTimersByTime(60_000)
    })

    expect(lines).toHaveLength(52)
    expect(lines.at(-1)).toContain('949 more in the last minute')
  })

  test('takes what is thrown and no error, and causes that go in a circle', () => {
    const circular = new Error('round')
    circular.cause = circular

    const lines = linesOf((events) => {
      for (const thrown of ['a string', undefined, null, { code: 1 }]) emit(events, thrown)
      emit(events, circular)
    })

    expect(lines.map((line) => line.split('\n')[0])).toEqual([
      'oauth-ratchet: a request failed (callback): something that is no error was thrown: string',
      'oauth-ratchet: a request failed (callback): something that is no error was thrown: undefined',
      'oauth-ratchet: a request failed (callback): something that is no error was thrown: object',
      'oauth-ratchet: a request failed (callback): Error: round',
    ])
  })

  test('is quiet once somebody listens, and for every other event', () => {
    const output = stderr()
    try {
      const events = new Events(Date.now)
      events.emit('token.unknown_key', { kind: 'refresh_token', keyId: 'x' })
      events.on('request.failed', () => undefined)
      events.emit('request.failed', { phase: 'storage', error: 'x' })

      expect(output.lines).toEqual([])
    } finally {
      output.restore()
    }
  })
})

describe('the life of a grant in events', () => {
  const described = { clientId: 'app-a', subject: 'u1', metadata: { device: 'phone' } }

  test('is issued, turned, repeated, detected and revoked: each once, in order, with what is known', async () => {
    const at = startServer({ refreshToken: { reuseGrace: 10 } })
    const code = await codeOf(at, undefined, { subject: 'u1', metadata: { device: 'phone' } })
    expect(at.raised).toEqual([])
    const first = tokensOf(await at.token(redemption(code)))
    const second = tokensOf(await at.refresh(first.refresh_token))
    await at.refresh(first.refresh_token)
    await at.refresh(second.refresh_token)
    await at.refresh(first.refresh_token)

    const now = at.clock.now()
    const base = {
      ...described,
      grantId: idOfGrant(first),
      at: now,
      requestId: expect.any(String) as string,
      remoteAddress: '192.0.2.1',
    }
    expect(at.raised).toEqual([
      { name: 'grant.issued', event: { ...base, generation: 1 } },
      { name: 'grant.turned', event: { ...base, generation: 2 } },
      { name: 'grant.repeated', event: { ...base, generation: 2, ageMs: 0 } },
      { name: 'grant.turned', event: { ...base, generation: 3 } },
      {
        name: 'grant.reuse_detected',
        event: {
          ...base,
          reason: 'reuse',
          presentedGeneration: 1,
          currentGeneration: 3,
          turnedAt: now,
          generation: 3,
          distance: 2,
          ageMs: 0,
          neverIssued: false,
          cause: 'unknown',
        },
      },
      { name: 'grant.revoked', event: { ...base, generation: 3, reason: 'reuse' } },
    ])
  })

  test.each([
    ['revoked', (at: ReturnType<typeof startServer>, id: string) => at.server.grants.revoke(id)],
    ['revoked', (at: ReturnType<typeof startServer>) => at.server.grants.revokeAll({ subject: 'u1' })],
    ['revoked', (at: ReturnType<typeof startServer>) => at.server.grants.revokeAll({ clientId: 'app-a' })],
    [
      'token_revoked',
      (at: ReturnType<typeof startServer>, _: string, token: string) => at.server.tokens.revoke(token),
    ],
  ] as const)('ends once, with the reason %s, however often it is asked for', async (reason, end) => {
    const at = startServer()
    const tokens = await issue(at, { metadata: { device: 'phone' } })
    for (let times = 0; times < 3; times++) await end(at, idOfGrant(tokens), tokens.refresh_token)

    expect(at.events('grant.revoked')).toEqual([
      {
        ...described,
        grantId: idOfGrant(tokens),
        requestId: expect.any(String),
        generation: 1,
        reason,
        at: at.clock.now(),
      },
    ])
  })

  test('that is refused raises none', async () => {
    const at = startServer()
    const first = await issue(at)
    at.raised.length = 0

    await at.refresh(first.refresh_token, { scope: 'admin' })
    await at.refresh(first.refresh_token, { client_id: 'app-b' })
    await at.refresh('garbage')

    expect(at.raised).toEqual([])
  })
})
