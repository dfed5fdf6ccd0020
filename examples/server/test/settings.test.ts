import { deriveIssuer, readSettings } from '../src/settings.js'

const secret = 'PN2EB2Ou2bEhLZIWiQiNQslEQumtrsomyXr0JrT9vkD5MJro'

test('without any variable the settings are those of the contract', () => {
  expect(readSettings({}, '/base')).toEqual({
    host: '127.0.0.1',
    port: 3000,
    issuer: undefined,
    allowInsecureIssuer: undefined,
    storageUrl: 'sqlite:data/oauth.sqlite',
    dataFolder: '/base/data',
    baseFolder: '/base',
    secrets: undefined,
    clientsFile: undefined,
    accessTokenFormat: 'opaque',
    accessTokenLifetime: 900,
    refreshIdleLifetime: 2_592_000,
    refreshAbsoluteLifetime: 15_552_000,
    reuseGrace: 0,
    codeLifetime: 60,
  })
  expect(deriveIssuer('127.0.0.1', 3000)).toBe('http://127.0.0.1:3000')
})

test('every variable is read, and an empty one counts as not set', () => {
  const settings = readSettings(
    {
      HOST: '::1',
      PORT: '0',
      ISSUER: 'https://auth.example.com/t1',
      STORAGE_URL: 'memory:',
      OAUTH_SECRETS: `${secret}, ${secret}x`,
      CLIENTS_FILE: 'clients.json',
      ACCESS_TOKEN_FORMAT: 'jwt',
      ACCESS_TOKEN_LIFETIME: '60',
      REFRESH_IDLE_LIFETIME: '120',
      REFRESH_ABSOLUTE_LIFETIME: '240',
      REUSE_GRACE: '',
      CODE_LIFETIME: '30',
      ALLOW_INSECURE_ISSUER: 'private-network',
    },
    '/base',
  )
  expect(settings).toMatchObject({
    host: '::1',
    port: 0,
    issuer: 'https://auth.example.com/t1',
    storageUrl: 'memory:',
    secrets: [secret, `${secret}x`],
    clientsFile: '/base/clients.json',
    accessTokenFormat: 'jwt',
    accessTokenLifetime: 60,
    refreshIdleLifetime: 120,
    refreshAbsoluteLifetime: 240,
    reuseGrace: 0,
    codeLifetime: 30,
    allowInsecureIssuer: 'private-network',
  })
})

test.each([
  ['HOST', 'a b'],
  ['HOST', '-'],
  ['PORT', 'http'],
  ['PORT', '65536'],
  ['PORT', '-1'],
  ['PORT', '80.5'],
  ['ISSUER', 'auth.example.com'],
  ['ISSUER', 'localhost:3000'],
  ['ISSUER', 'ftp://auth.example.com'],
  ['ISSUER', 'http://auth.example.com'],
  ['ISSUER', 'http://127.0.0.1.example.com'],
  ['ISSUER', 'http://auth:3000'],
  ['ALLOW_INSECURE_ISSUER', 'true'],
  ['ISSUER', 'https://auth.example.com?x=1'],
  ['ISSUER', 'https://auth.example.com/#'],
  ['ISSUER', 'https://user:pass@auth.example.com'],
  ['ISSUER', 'https://auth.example.com/*'],
  ['OAUTH_SECRETS', 'short'],
  ['OAUTH_SECRETS', `${secret},`],
  ['ACCESS_TOKEN_FORMAT', 'JWT'],
  ['ACCESS_TOKEN_LIFETIME', '0'],
  ['ACCESS_TOKEN_LIFETIME', '15m'],
  ['REFRESH_IDLE_LIFETIME', '1e6'],
  ['REFRESH_ABSOLUTE_LIFETIME', '-5'],
  ['REUSE_GRACE', '301'],
  ['CODE_LIFETIME', '601'],
])('%s=%s is refused in one sentence that names the variable', (name, value) => {
  expect(() => readSettings({ [name]: value }, '/base')).toThrow(
    expect.objectContaining({
      name: 'SettingError',
      message: expect.stringMatching(new RegExp(`^[^\n]*${name}[^\n]*$`)),
    }),
  )
})

test('what a refused variable holds is not repeated where it is a secret', () => {
  const attempts = [{ OAUTH_SECRETS: 'hunter2' }, { ISSUER: 'https://user:hunter2@auth.example.com' }]
  for (const environment of attempts) {
    expect(() => readSettings(environment, '/base')).toThrow(
      expect.objectContaining({ message: expect.not.stringContaining('hunter2') }),
    )
  }
})

test('an issuer is derived for loopback only: others need https and have to say so', () => {
  expect(deriveIssuer('::1', 8080)).toBe('http://[::1]:8080')
  expect(deriveIssuer('localhost', 8080)).toBe('http://localhost:8080')
  expect(deriveIssuer('app.localhost', 8080)).toBe('http://app.localhost:8080')
  for (const host of ['0.0.0.0', '::', '192.0.2.7', 'example.com']) {
    expect(() => deriveIssuer(host, 8080)).toThrow(/set ISSUER/)
  }
})

test('an issuer on a private network may be http, where that is allowed', () => {
  const environment = { ISSUER: 'http://auth:3000', ALLOW_INSECURE_ISSUER: 'private-network' }
  expect(readSettings(environment, '/base')).toMatchObject({ issuer: 'http://auth:3000' })
})
