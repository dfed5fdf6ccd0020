import * as fc from 'fast-check'
import { isOAuthError, OAuthError } from '@oauth-ratchet/core'
import { startServer } from './setup/test-server.js'
import { issue } from './setup/tokens.js'

/** error_description of RFC 6749 §5.2. */
const charset = /^[\x20-\x21\x23-\x5b\x5d-\x7e]*$/

describe('an OAuthError', () => {
  test('keeps its description within the charset of RFC 6749, whatever is echoed (H10)', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (text) => {
        expect(
          new OAuthError('invalid_scope', `The scope ${text} is unknown.`).toJSON().error_description,
        ).toMatch(charset)
      }),
      { numRuns: 2000 },
    )
    expect(new OAuthError('invalid_scope', 'a "b" \\ \r\n\té').message).toBe("a 'b' ? ????")
  })

  test('has the status of its code, unless told otherwise, and Retry-After as a header', () => {
    expect(new OAuthError('invalid_grant', '').status).toBe(400)
    expect(new OAuthError('invalid_token', '').status).toBe(401)
    expect(new OAuthError('insufficient_scope', '').status).toBe(403)
    expect(new OAuthError('server_error', '').status).toBe(500)
    expect(
      new OAuthError('temporarily_unavailable', '', { retryAfter: 7, headers: { allow: 'POST' } }).headers,
    ).toEqual({ allow: 'POST', 'retry-after': '7' })
    expect(new OAuthError('temporarily_unavailable', '', { retryAfter: 7 })).toMatchObject({
      status: 503,
      retryAfter: 7,
      headers: { 'retry-after': '7' },
    })
    expect(
      new OAuthError('invalid_client', '', { status: 401, headers: { 'www-authenticate': 'Basic' } }),
    ).toMatchObject({
      status: 401,
      headers: { 'www-authenticate': 'Basic' },
    })
  })

  test('never writes its cause to the wire', () => {
    const error = new OAuthError('server_error', 'The server failed.', {
      cause: new Error('password=hunter2'),
    })

    expect(JSON.stringify(error)).toBe('{"error":"server_error","error_description":"The server failed."}')
    expect(error.cause).toMatchObject({ message: 'password=hunter2' })
  })
})

describe('an error of an endpoint', () => {
  test('is JSON in the charset, no-store and no 500, whatever a parameter holds (H9, H10)', async () => {
    const at = startServer({ authenticateUser: () => null })
    const { refresh_token } = await issue(at)
    const text = fc.oneof(
      fc.string({ unit: 'binary', maxLength: 60 }),
      fc.constantFrom('"\\\ré', 'read "', '\u0000'),
    )
    const name = fc.constantFrom(
      'scope',
      'grant_type',
      'client_id',
      'code',
      'code_verifier',
      'username',
      'token',
      'refresh_token',
      'client_secret',
    )
    await fc.assert(
      fc.asyncProperty(
        name,
        text,
        fc.constantFrom('token', 'revoke', 'introspectAs'),
        async (parameter, value, endpoint) => {
          const form = {
            grant_type: 'refresh_token',
            client_id: 'app-a',
            refresh_token,
            scope: 'nothing',
            [parameter]: value,
          }

          const { status, headers, body } = await at[endpoint](new URLSearchParams(form).toString())

          expect(status).toBeLessThan(500)
          expect(headers).toMatchObject({ 'content-type': 'application/json', 'cache-control': 'no-store' })
          if (status === 200) return
          expect(body).toMatchObject({ error: expect.stringMatching(charset) as string })
          expect(body['error_description']).toMatch(charset)
          for (const header of Object.values(headers)) expect(header).toMatch(/^[\x20-\x7e]*$/)
        },
      ),
      { numRuns: 500 },
    )
    expect(at.events('request.failed')).toEqual([])
  })

  test('thousands of forged tokens are refused, each with a proper error, without a storage call', async () => {
    const at = startServer()
    const { refresh_token, access_token } = await issue(at)
    const calls = jest.spyOn(at.storage.grants, 'turn')
    const finds = jest.spyOn(at.storage.grants, 'find')
    const real = fc.constantFrom(refresh_token, access_token)
    const forged = fc.oneof(
      fc.string({ unit: 'binary', maxLength: 200 }),
      fc.tuple(real, fc.nat(), fc.integer({ min: 1, max: 255 })).map(([token, at_, bit]) => {
        const bytes = Buffer.from(token.slice(4), 'base64url')
        const place = at_ % bytes.length
        bytes[place] = (bytes[place] ?? 0) ^ bit
        return token.slice(0, 4) + bytes.toString('base64url')
      }),
      fc.tuple(real, fc.nat({ max: 103 })).map(([token, length]) => token.slice(0, length)),
      fc.tuple(real, fc.string({ minLength: 1 })).map(([token, more]) => token + more),
      real.map((token) => (token.startsWith('orr_') ? 'ora_' : 'orr_') + token.slice(4)),
    )
    await fc.assert(
      fc.asyncProperty(forged, async (token) => {
        fc.pre(token !== refresh_token && token !== access_token && token !== '')
        const [refreshed, introspected, revoked] = [
          await at.refresh(token),
          await at.introspect(token),
          await at.revoke({ token, client_id: 'app-a' }),
        ]

        expect(refreshed).toMatchObject({ status: 400, body: { error: 'invalid_grant' } })
        expect(introspected).toMatchObject({ status: 200, body: { active: false } })
        expect(revoked).toMatchObject({ status: 200, body: {} })
      }),
      { numRuns: 2000 },
    )
    expect(calls).not.toHaveBeenCalled()
    expect(finds).not.toHaveBeenCalled()
    expect(await at.refresh(refresh_token)).toMatchObject({ status: 200 })
  })
})

describe('what is an OAuthError', () => {
  test('is told by what this package has put on it, and not by a name that others have too', () => {
    const foreign = Object.assign(new Error('refresh_token=secret'), {
      name: 'OAuthError',
      code: 'invalid_token',
      status: 401,
      headers: {},
    })

    expect(isOAuthError(foreign)).toBe(false)
    expect(isOAuthError(new OAuthError('invalid_grant', 'No.'))).toBe(true)
    for (const other of [undefined, null, 'OAuthError', {}]) expect(isOAuthError(other)).toBe(false)
  })

  test.each([0, 200, 600, 401.5, '401', Number.NaN] as never[])(
    'a status that is none of an error, %p, gives way to that of the code',
    (status) => {
      expect(new OAuthError('invalid_token', 'No.', { status }).status).toBe(401)
    },
  )
})

test.each([
  ['a line break', { 'x-reason': 'first\nsecond' }],
  ['what is not Latin-1', { 'x-reason': '理由' }],
  ['a name that is none', { 'x reason': 'y' }],
  ['a value that is none', { 'x-reason': undefined as never }],
])('an OAuthError with %s in a header cannot be made: Node would refuse to write it', (_case, headers) => {
  const make = () => new OAuthError('access_denied', 'No.', { headers })
  expect(make).toThrow(TypeError)
  expect(make).toThrow('cannot have the header')
})
