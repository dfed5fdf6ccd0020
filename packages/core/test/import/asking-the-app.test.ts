import type { ForeignSession, ImportTokenOptions } from '@oauth-ratchet/core'
import { Clock, day } from '../setup/clock.js'
import { importing, oldToken } from '../setup/old-sessions.js'
import { basic, clientA, clientC, confidentialSecret, startServer } from '../setup/test-server.js'
import { tokensOf } from '../setup/tokens.js'

const invalidGrant = { status: 400, body: { error: 'invalid_grant' } }
const tooMany = { status: 429, body: { error: 'temporarily_unavailable' } }
const withOption = (importToken: unknown) => () =>
  startServer({ refreshToken: { importToken: importToken as ImportTokenOptions } })
const garbage = (n: number) => String(n).padStart(64, 'x')

describe('garbage does not become load on the database of the app', () => {
  test('after ten unknown tokens of a client from one address it is not asked any more: 429', async () => {
    const at = importing()
    for (let n = 0; n < 10; n++) expect(await at.refresh(garbage(n))).toMatchObject(invalidGrant)

    const answer = await at.refresh(garbage(10))

    expect(answer).toMatchObject(tooMany)
    expect(answer.headers['retry-after']).toBe('60')
    expect(at.old.asked).toHaveLength(10)
    expect(at.events('token.import_refused').at(-1)).toMatchObject({
      reason: 'throttled',
      clientId: 'app-a',
      remoteAddress: '192.0.2.1',
    })
    expect(await at.refresh(oldToken)).toMatchObject(tooMany)
    expect(await at.refresh(oldToken, {}, { address: '192.0.2.2' })).toMatchObject({ status: 200 })
    at.clock.advance(60)
    expect(await at.refresh(garbage(11))).toMatchObject(invalidGrant)
  })

  test('expired ones count, and so do those at the revocation endpoint', async () => {
    const at = importing()
    at.clock.advance(31 * day)
    for (let n = 0; n < 5; n++) await at.refresh(oldToken)
    for (let n = 0; n < 5; n++) await at.revoke({ token: garbage(n), client_id: 'app-a' })

    expect(await at.refresh(garbage(10))).toMatchObject(tooMany)
    expect(await at.revoke({ token: garbage(11), client_id: 'app-a' })).toMatchObject(tooMany)
    expect(at.old.asked).toHaveLength(10)
  })

  test('good tokens are not counted, however many come from one address', async () => {
    const at = importing()
    for (let n = 0; n < 30; n++) {
      at.old.rows.set(garbage(n), { subject: `u${n}`, expiresAt: at.clock.seconds + day })
      expect(await at.refresh(garbage(n))).toMatchObject({ status: 200 })
    }
  })

  test('what was imported goes on while others are refused', async () => {
    const at = importing({ refreshToken: { reuseGrace: 10 } })
    const tokens = tokensOf(await at.refresh(oldToken))
    for (let n = 0; n < 11; n++) await at.refresh(garbage(n))

    expect(await at.refresh(oldToken)).toMatchObject({ status: 200 })
    expect(await at.refresh(tokens.refresh_token)).toMatchObject({ status: 200 })
  })

  test('that of some users of a confidential client does not stop the others', async () => {
    const at = importing({}, { clients: [clientC.client_id] })
    const sent = { headers: basic(clientC.client_id, confidentialSecret) }
    const refresh = (token: string) => at.token({ grant_type: 'refresh_token', refresh_token: token }, sent)
    for (let n = 0; n < 50; n++) expect(await refresh(garbage(n))).toMatchObject(invalidGrant)

    expect(await refresh(oldToken)).toMatchObject({ status: 200 })
    for (let n = 50; n < 100; n++) await refresh(garbage(n))
    expect(await refresh(garbage(100))).toMatchObject(tooMany)
  })

  test('through server.tokens.refresh it is counted by the address that the app gives', async () => {
    const at = importing()
    const refresh = (refreshToken: string, remoteAddress: string) =>
      at.server.tokens.refresh({ refreshToken, clientId: 'app-a', remoteAddress })
    for (let n = 0; n < 10; n++)
      await expect(refresh(garbage(n), '192.0.2.7')).rejects.toMatchObject({ code: 'invalid_grant' })

    await expect(refresh(garbage(10), '192.0.2.7')).rejects.toMatchObject({ status: 429 })
    expect(await refresh(oldToken, '192.0.2.8')).toMatchObject({ token_type: 'Bearer' })
  })

  test('with throttle: false it is the business of what stands in front', async () => {
    const at = importing({ throttle: false })
    for (let n = 0; n < 30; n++) expect(await at.refresh(garbage(n))).toMatchObject(invalidGrant)
  })
})

describe('a callback that fails', () => {
  const failing: [string, ImportTokenOptions['find']][] = [
    [
      'throws',
      () => {
        throw new Error('no connection')
      },
    ],
    ['rejects', () => Promise.reject(new Error('no connection'))],
    ['does not answer', () => new Promise(() => {})],
    ['answers true', () => true as unknown as ForeignSession],
    ['answers a session without expiry', () => ({ subject: 'u1' }) as ForeignSession],
    ['answers milliseconds', () => ({ subject: 'u1', expiresAt: Date.now() })],
    ['answers a date that is none', () => ({ subject: 'u1', expiresAt: new Date('nonsense') })],
    ['answers no subject', () => ({ subject: '', expiresAt: 4e9 })],
    ['misspells', () => ({ subject: 'u1', expiresAt: 4e9, lifetime: {} }) as ForeignSession],
    ['calls its subject userId', () => ({ userId: 'u1', expiresAt: 4e9 }) as unknown as ForeignSession],
    [
      'answers a scope that is none',
      () => ({ subject: 'u1', expiresAt: 4e9, scope: [1] }) as unknown as ForeignSession,
    ],
    [
      'answers an id that is none',
      () => ({ subject: 'u1', expiresAt: 4e9, id: {} }) as unknown as ForeignSession,
    ],
  ]

  test.each(failing)('it %s: 503, and the token is good afterwards', async (_, find) => {
    let works = false
    const clock = new Clock()
    const at = importing(
      { callbackTimeout: 0.02 },
      { find: (...given) => (works ? { subject: 'u1', expiresAt: clock.seconds + day } : find(...given)) },
      clock,
    )

    expect(await at.refresh(oldToken)).toMatchObject({
      status: 503,
      body: { error: 'temporarily_unavailable' },
    })
    expect(at.events('request.failed')[0]).toMatchObject({ phase: 'callback' })
    expect(JSON.stringify(at.events('request.failed').map(({ error }) => String(error)))).not.toContain(
      oldToken,
    )
    works = true
    expect(await at.refresh(oldToken)).toMatchObject({ status: 200 })
  })

  test('at the revocation endpoint too: 503, for nobody knows that it was revoked', async () => {
    const at = importing({}, { find: () => Promise.reject(new Error('no connection')) })

    expect(await at.revoke({ token: oldToken, client_id: 'app-a' })).toMatchObject({ status: 503 })
  })

  test('an expiry in the year 9999 is one that never comes', async () => {
    const at = importing()
    at.old.rows.set(oldToken, { subject: 'u1', expiresAt: new Date('9999-12-31T00:00:00Z') })

    expect(await at.refresh(oldToken)).toMatchObject({ status: 200 })
  })

  test('gets the token and the client that it is for', async () => {
    const find = jest.fn(() => null)
    const at = importing({}, { find })

    await at.refresh(oldToken)

    expect(find.mock.calls).toEqual([[oldToken, 'app-a']])
  })
})

describe('refreshToken.importToken is checked at the start', () => {
  const good = { clients: ['app-a'], until: new Clock().seconds + day, find: () => null }

  test.each<[string, unknown]>([
    ['no object', 'app-a'],
    ['no clients', { ...good, clients: undefined }],
    ['an empty list of clients', { ...good, clients: [] }],
    ['a client that is no text', { ...good, clients: [clientA] }],
    ['a client that is nearly one', { ...good, clients: ['app-a', 'app_b'] }],
    ['a client that cannot refresh', { ...good, clients: ['api'] }],
    ['no date', { ...good, until: undefined }],
    ['a date too far ahead', { ...good, until: new Clock().seconds + 401 * day }],
    ['no function', { ...good, find: undefined }],
    ['a name that is none', { ...good, client: ['app-a'] }],
  ])('%s is refused', (_, option) => {
    expect(withOption(option)).toThrow(
      expect.objectContaining({ name: 'ConfigurationError', code: 'refreshToken.importToken' }) as Error,
    )
  })

  test('milliseconds are refused', () => {
    expect(withOption({ ...good, until: Date.now() })).toThrow(
      expect.objectContaining({ code: 'refreshToken.importToken.until.invalid' }) as Error,
    )
  })

  test('a date that is over lets it start, with a warning that the option can go', () => {
    const emitWarning = jest.spyOn(process, 'emitWarning').mockImplementation(() => {})

    withOption({ ...good, until: new Clock().seconds - day })()

    expect(
      emitWarning.mock.calls.map(([, options]) => (options as unknown as { code: string }).code),
    ).toEqual(['OAUTH_RATCHET_IMPORT_OVER'])
    emitWarning.mockRestore()
  })
})
