import * as fc from 'fast-check'
import { authorizationQuery, authorize, getRequest, redirected } from '../setup/authorization.js'
import { clientA, startServer } from '../setup/test-server.js'

const registered = 'https://a.example/cb'

function taken(uri: string, redirect_uris: readonly string[], localhostAnyPort = false): Promise<boolean> {
  const at = startServer({ clients: [{ ...clientA, redirect_uris }], localhostAnyPort })
  return at.server.endpoints
    .authorization()
    .begin(getRequest(authorizationQuery({ redirect_uri: uri })))
    .then(
      () => true,
      () => false,
    )
}

describe('a redirect URI is compared as an exact string (A2)', () => {
  test.each([
    'https://a.example/CB',
    'https://A.example/cb',
    'HTTPS://a.example/cb',
    'https://a.example/cb/',
    'https://a.example/cb?',
    'https://a.example/cb?x=1',
    'https://a.example/cb#x',
    'https://a.example/cb#',
    'https://a.example/x/../cb',
    'https://a.example/%63b',
    'https://a.example/cb%2e',
    'https://a.example/./cb',
    'https://a.example//cb',
    'https://a.example:443/cb',
    'https://user@a.example/cb',
    'https://a.example@evil.example/cb',
    'https://a.example.evil.example/cb',
    'https://evil.a.example/cb',
    'http://a.example/cb',
    ' https://a.example/cb',
    'https://a.example/cb ',
    'https://a.example/cb\n',
    'https://a.example\\@evil.example/cb',
    '//a.example/cb',
    '/cb',
    'javascript:alert(1)',
  ])('%p is another', async (uri) => {
    expect(await taken(uri, [registered])).toBe(false)
  })

  test('any change at all is another', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.nat({ max: registered.length }),
        fc.nat({ max: 2 }),
        fc.string({ unit: 'binary-ascii', minLength: 1, maxLength: 3 }),
        async (at, cut, inserted) => {
          const changed = registered.slice(0, at) + inserted + registered.slice(at + cut)
          fc.pre(changed !== registered)

          expect(await taken(changed, [registered])).toBe(false)
        },
      ),
      { numRuns: 300 },
    )
  })

  test('the registered ones are taken, each of them', async () => {
    const uris = [registered, 'https://a.example/cb?x=1', 'com.example.app:/cb', 'http://127.0.0.1/cb']
    for (const uri of uris) expect(await taken(uri, uris)).toBe(true)
  })
})

describe('only the port varies, and only for loopback (A3)', () => {
  const loopback = ['http://127.0.0.1/cb', 'http://[::1]/cb', 'http://localhost:3000/cb']

  test.each([
    'http://127.0.0.1:51004/cb',
    'http://127.0.0.1:1/cb',
    'http://[::1]:51004/cb',
    'http://localhost:3000/cb',
  ])('%s is taken, and redirected to', async (uri) => {
    const at = startServer({ clients: [{ ...clientA, redirect_uris: loopback }] })

    const response = await authorize(at, authorizationQuery({ redirect_uri: uri }))

    expect(redirected(response).has('code')).toBe(true)
    expect(response.headers['location']).toMatch(uri)
  })

  test.each([
    'http://127.0.0.1:51004/CB',
    'http://127.0.0.1:51004/cb/',
    'http://127.0.0.1:51004/cb?x=1',
    'http://127.0.0.1:51004/cb#x',
    'http://127.0.0.1:51004',
    'http://127.0.0.1:/cb',
    'http://127.0.0.1:99999/cb',
    'http://127.0.0.1:123456/cb',
    'http://127.0.0.1:80@evil.example/cb',
    'http://127.0.0.1:x/cb',
    'https://127.0.0.1:51004/cb',
    'http://127.0.0.2:51004/cb',
    'http://127.1:51004/cb',
    'http://2130706433:51004/cb',
    'http://[::0001]:51004/cb',
    'http://0.0.0.0:51004/cb',
    'http://127.0.0.1.evil.example:51004/cb',
    'http://localhost:3001/cb',
    'http://localhost/cb',
  ])('%s is not', async (uri) => {
    expect(await taken(uri, loopback)).toBe(false)
  })

  test('the port of a host that is not loopback does not vary', async () => {
    expect(await taken('https://a.example:444/cb', ['https://a.example:443/cb', registered])).toBe(false)
  })

  test('one loopback address is not the other', async () => {
    expect(await taken('http://[::1]:51004/cb', ['http://127.0.0.1/cb'])).toBe(false)
    expect(await taken('http://127.0.0.1:51004/cb', ['http://[::1]/cb'])).toBe(false)
    expect(await taken('http://localhost:51004/cb', ['http://127.0.0.1/cb'], true)).toBe(false)
  })

  test('that of localhost varies by option only', async () => {
    expect(await taken('http://localhost:3001/cb', loopback, true)).toBe(true)
    expect(await taken('http://localhost.evil.example:3001/cb', loopback, true)).toBe(false)
  })

  test('a name below localhost is loopback like it: exact, and by option with any port (RFC 6761 §6.3)', async () => {
    const named = ['http://app.localhost:3000/cb']
    expect(await taken('http://app.localhost:3000/cb', named)).toBe(true)
    expect(await taken('http://app.localhost:3001/cb', named)).toBe(false)
    expect(await taken('http://app.localhost:3001/cb', named, true)).toBe(true)
    for (const other of [
      'http://b.localhost:3000/cb',
      'http://localhost:3000/cb',
      'http://app.localhost.evil.example/cb',
    ])
      expect(await taken(other, named, true)).toBe(false)
  })
})

describe('what no client can register', () => {
  test.each([
    'javascript:alert(1)',
    'JavaScript:alert(1)',
    'data:text/html,x',
    'vbscript:x',
    'file:///etc/passwd',
    'blob:https://a.example/1234',
    'about:blank',
    'https://a.example/cb#x',
    'https://a.example/cb#',
    'https://user@a.example/cb',
    'https://:password@a.example/cb',
    'https://a.example/c b',
    'https://a.example/é',
    'http://a.example/cb',
    'http://127.evil.example/cb',
    'http://128.0.0.1/cb',
    '/cb',
    'localhost:3000/cb',
    'a.example:8443/cb',
    'a.example/cb',
  ])('%s', (uri) => {
    const make = () => startServer({ clients: [{ ...clientA, redirect_uris: [uri] }] })

    expect(make).toThrow(expect.objectContaining({ code: 'clients.redirect_uris' }))
  })
})
