import { describeFault } from '../../src/faults/describe-fault.js'
import { withoutSecrets } from '../../src/faults/without-secrets.js'
import { issue } from '../setup/tokens.js'
import { startServer } from '../setup/test-server.js'

describe('what is printed of an error has nothing that can be presented:', () => {
  test.each([
    ['mongodb://user:hunter2@db.example/x', 'db.example/x'],
    ['mongodb+srv://user:hun/ter@hunter2@db.example', 'db.example'],
    ['redis://:hunter2@cache:6379 and redis://a b:hunter2@other', 'other'],
    ['connect to rediss://default:hunter2@[::1]:6379: ETIMEDOUT', 'ETIMEDOUT'],
    ['https://api:hunter2@users.example/me', 'users.example'],
    ['grant_type=password&username=alice&password=hunter2&scope=read', 'scope=read'],
    ['{"client_secret":"hunter2","client_id":"web"}', 'web'],
    ["{ client_id: 'web', 'client_secret': 'hunter2' }", 'web'],
    ['Authorization: Basic aHVudGVyMmh1bnRlcjI=', 'Authorization'],
  ])('%s', (message, rest) => {
    const cause = Object.assign(new Error(message), { command: { name: 'auth', args: ['hunter2'] } })
    const error = new Error(`The first line.\n${message}`, { cause })
    error.stack = `Error: ${message}\n    at connect (${message})`

    const text = describeFault(error)

    expect(text).not.toContain('hunter2')
    expect(text).not.toContain('aHVudGVyMmh1bnRlcjI')
    expect(text).toContain(rest)
  })

  test('tokens of this server, opaque and JWT', async () => {
    const opaque = await issue(startServer())
    const jwt = await issue(startServer({ accessToken: { format: 'jwt' } }))

    for (const token of [opaque.refresh_token, opaque.access_token, jwt.access_token])
      expect(describeFault(new Error(`could not read ${token}!`))).toMatch(/could not read \*\*\*!/)
  })

  test('and where it happened stays readable', () => {
    const frame = 'at signIn (file:///home/me/node_modules/@app/users/index.js:3:9)'
    expect(withoutSecrets(frame)).toBe(frame)
    expect(withoutSecrets('Basic authentication failed; code=ECONNREFUSED')).toBe(
      'Basic authentication failed; code=ECONNREFUSED',
    )
  })
})

test('a connection that was tried over several addresses is described by what each said', () => {
  const errors = [
    new Error('connect ECONNREFUSED ::1:27017'),
    new Error('connect ECONNREFUSED 127.0.0.1:27017'),
  ]

  const text = describeFault(new AggregateError(errors))

  expect(text).toMatch(/^AggregateError: connect ECONNREFUSED ::1:27017\n/)
  expect(text).toContain('caused by Error: connect ECONNREFUSED 127.0.0.1:27017')
})
