import { mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:net'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { demoClients } from '../src/demo-clients.js'
import type { DemoSecrets } from '../src/demo-clients.js'
import { ServerProcess, temporaryFolder } from './support/server-process.js'
import { passwordGrant, postForm, refresh } from './support/tokens.js'

const folder = temporaryFolder()
const secret = 'PN2EB2Ou2bEhLZIWiQiNQslEQumtrsomyXr0JrT9vkD5MJro'

function inFolder(name: string): string {
  const path = join(folder, name)
  mkdirSync(path)
  return path
}

test('what is made at the first start is shown, for its owner only, and is kept over a restart', async () => {
  const home = inFolder('kept')
  const first = await ServerProcess.start({ ISSUER: 'http://127.0.0.1:1' }, home)
  const client = first.secretOf('trusted')
  for (const { client_id: id } of demoClients(first.url, {} as DemoSecrets)) {
    expect(first.stdout).toMatch(new RegExp(`^ +(clients +)?${id} `, 'm'))
  }
  const { tokens } = await passwordGrant(first.url, client)
  const again = (await refresh(first.url, client, tokens.refresh)).body['refresh_token']
  expect(await first.stop()).toBe(0)

  expect(statSync(join(home, 'data')).mode & 0o777).toBe(0o700)
  const files = readdirSync(join(home, 'data'))
  expect(files).toEqual(expect.arrayContaining(['demo-clients.json', 'oauth-secrets', 'oauth.sqlite']))
  for (const file of files) expect(statSync(join(home, 'data', file)).mode & 0o777).toBe(0o600)

  const second = await ServerProcess.start({ ISSUER: 'http://127.0.0.1:1' }, home)
  expect(second.secretOf('trusted')).toBe(client)
  expect((await refresh(second.url, client, String(again))).status).toBe(200)
  await second.stop()
})

test('processes that start at once agree on the secrets', async () => {
  const home = inFolder('race')
  const environment = { ISSUER: 'http://127.0.0.1:1' }
  const servers = await Promise.all([1, 2, 3].map(() => ServerProcess.start(environment, home)))
  const [one, two, three] = servers.map((server) => server.secretOf('trusted'))
  expect(new Set([one, two, three]).size).toBe(1)
  expect(readdirSync(join(home, 'data')).filter((name) => !name.startsWith('oauth.sqlite'))).toEqual([
    'demo-clients.json',
    'oauth-secrets',
  ])

  // A token of one is good at another: they have the same secret.
  const { tokens } = await passwordGrant(servers[0]?.url ?? '', one ?? '')
  expect((await refresh(servers[1]?.url ?? '', one ?? '', tokens.refresh)).status).toBe(200)
  await Promise.all(servers.map((server) => server.stop()))
})

test('paths are relative to the folder that it was started in, and printed', async () => {
  const home = inFolder('relative')
  const server = await ServerProcess.start({ STORAGE_URL: 'sqlite:deep/down/grants.sqlite' }, home)
  expect(server.stdout).toContain(join(home, 'deep/down/grants.sqlite'))
  expect(statSync(join(home, 'deep/down/grants.sqlite')).isFile()).toBe(true)
  await server.stop()
})

test('the clients of CLIENTS_FILE replace the demo clients, and their secrets are printed nowhere', async () => {
  const home = inFolder('clients')
  const clients = [
    {
      client_id: 'mine',
      client_secret: 'swordfish-swordfish-swordfish',
      grant_types: ['client_credentials'],
      scope: 'notes:read orders:read',
    },
  ]
  writeFileSync(join(home, 'clients.json'), JSON.stringify(clients))
  const server = await ServerProcess.start({ CLIENTS_FILE: 'clients.json', STORAGE_URL: 'memory:' }, home)
  const fields = { grant_type: 'client_credentials' }
  const token = `${server.url}/oauth/token`
  const own = { id: 'mine', secret: 'swordfish-swordfish-swordfish' }
  expect((await postForm(token, fields, { client: own })).body).toMatchObject({
    token_type: 'Bearer',
    scope: 'notes:read orders:read',
  })
  expect((await postForm(token, fields, { client: { id: 'service', secret: 'x' } })).body['error']).toBe(
    'invalid_client',
  )
  expect(readdirSync(join(home, 'data'))).toEqual(['oauth-secrets'])
  const page = await (await fetch(server.url)).text()
  await server.stop()
  for (const shown of [server.stdout, server.stderr, page]) expect(shown).not.toContain('swordfish')
})

test.each([
  ['a port that is no number', { PORT: 'http' }],
  ['an http issuer off loopback', { ISSUER: 'http://auth.example.com' }],
  [
    'an http issuer on no private network, where those are allowed',
    { ISSUER: 'http://auth.example.com', ALLOW_INSECURE_ISSUER: 'private-network' },
  ],
  ['a host that others reach, and no issuer', { HOST: '0.0.0.0' }],
  ['a short secret', { OAUTH_SECRETS: 'hunter2' }],
  ['a secret that is a repetition', { OAUTH_SECRETS: 'hunter2-hunter2-hunter2-hunter2-hunter2' }],
  ['a format that there is not', { ACCESS_TOKEN_FORMAT: 'saml' }],
  ['a storage that there is not', { STORAGE_URL: 'postgres://user:hunter2@db/x' }],
  ['a Redis that is not there', { STORAGE_URL: 'redis://:hunter2@127.0.0.1:1' }],
  ['a Redis at no port', { STORAGE_URL: 'redis://127.0.0.1:99999' }],
  ['a Redis whose password has a slash', { STORAGE_URL: 'redis://user:a/hunter2@127.0.0.1:6379' }],
  ['a Redis without slashes', { STORAGE_URL: 'redis:hunter2@127.0.0.1' }],
  ['a Redis with a database that is no number', { STORAGE_URL: 'redis://:hunter2@127.0.0.1:6379/abc' }],
  ['a MongoDB that is not there', { STORAGE_URL: 'mongodb://user:a%40b@hunter2@127.0.0.1:1/x' }],
  ['a MongoDB URL that is none', { STORAGE_URL: 'mongodb://user:hunter2@' }],
  ['a storage without a file', { STORAGE_URL: 'sqlite:' }],
  ['a storage in a folder that is a file', { STORAGE_URL: 'sqlite:plain.txt/oauth.sqlite' }],
  ['a clients file that is not there', { CLIENTS_FILE: 'none.json' }],
  ['a clients file that is no JSON', { CLIENTS_FILE: 'plain.txt' }],
  ['a clients file that is no list', { CLIENTS_FILE: 'object.json' }],
  ['a client without a secret', { CLIENTS_FILE: 'secretless.json' }],
  ['a client that is there twice', { CLIENTS_FILE: 'twice.json' }],
])('%s: one sentence on stderr, an exit code, and no secret repeated', async (_, environment) => {
  const home = join(folder, 'bad')
  mkdirSync(home, { recursive: true })
  writeFileSync(join(home, 'plain.txt'), '[{"client_id": "a", "client_secret": hunter2}]')
  writeFileSync(join(home, 'object.json'), '{"client_secret": "hunter2"}')
  writeFileSync(join(home, 'secretless.json'), '[{"client_id": "a"}]')
  const client = '{"client_id": "a", "client_secret": "hunter2hunter2hunter2hunter2hunter2"}'
  writeFileSync(join(home, 'twice.json'), `[${client}, ${client}]`)

  const { code, stdout, stderr } = await ServerProcess.run({ OAUTH_SECRETS: secret, ...environment }, home)
  expect(code).toBe(1)
  expect(stdout).toBe('')
  expect(stderr).toMatch(/^oauth-ratchet example server: [^\n]+\n$/)
  expect(stderr).not.toContain('hunter2')
})

test.each([
  [
    'redis://:hunter2@127.0.0.1:1',
    'the Redis at redis://127.0.0.1:1 cannot be reached (connect ECONNREFUSED',
  ],
  [
    'mongodb://user:hunter2@127.0.0.1:1/x',
    'the MongoDB at mongodb://127.0.0.1:1/x cannot be used (connect ECONN',
  ],
  ['sqlite:plain.txt/oauth.sqlite', 'The storage could not be brought up: '],
])('%s: the sentence says why the storage cannot be used', async (url, reason) => {
  const home = join(folder, 'why')
  mkdirSync(home, { recursive: true })
  writeFileSync(join(home, 'plain.txt'), 'a file and no folder')

  const { stderr } = await ServerProcess.run({ OAUTH_SECRETS: secret, STORAGE_URL: url }, home)

  expect(stderr).toContain(reason)
  expect(stderr).not.toContain('hunter2')
})

test('a port that is taken: one sentence, and an exit code', async () => {
  const other = createServer()
  await new Promise<void>((done) => other.listen(0, '127.0.0.1', done))
  const { port } = other.address() as AddressInfo
  const { code, stderr } = await ServerProcess.run({ PORT: String(port), STORAGE_URL: 'memory:' }, folder)
  await new Promise((done) => other.close(done))
  expect(code).toBe(1)
  expect(stderr).toMatch(/^oauth-ratchet example server: PORT \d+ is in use: .*\n$/)
})

test('the secrets that are made are random: no two folders have the same', async () => {
  const homes = [inFolder('random-1'), inFolder('random-2')]
  const servers = await Promise.all(
    homes.map((home) => ServerProcess.start({ STORAGE_URL: 'memory:' }, home)),
  )
  const kept = homes.map((home) => readFileSync(join(home, 'data/oauth-secrets'), 'utf8').trim())
  expect(kept[0]).toMatch(/^[\w-]{43}$/)
  expect(kept[0]).not.toBe(kept[1])
  expect(servers[0]?.secretOf('web')).not.toBe(servers[1]?.secretOf('web'))
  await Promise.all(servers.map((server) => server.stop()))
})
