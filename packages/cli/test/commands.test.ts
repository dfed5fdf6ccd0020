import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

import { SqliteStorage } from '@oauth-ratchet/sqlite'
import { freePort } from '@oauth-ratchet/engines'

import { version } from '../src/version.js'
import { runBin } from './setup/run-bin.js'
import type { Ran } from './setup/run-bin.js'
import { environment, secret, serviceOn } from './setup/service.js'

const folder = mkdtempSync(join(tmpdir(), 'cli-'))
const file = join(folder, 'oauth.sqlite')
const clientsFile = join(folder, 'configured.json')
const storage = new SqliteStorage({ file })
const server = serviceOn(storage)

beforeAll(async () => {
  writeFileSync(
    clientsFile,
    JSON.stringify([
      { client_id: 'app', token_endpoint_auth_method: 'none', grant_types: ['refresh_token'], scope: 'read' },
    ]),
  )
  await server.ready()
})

afterAll(async () => {
  await server.close()
  rmSync(folder, { recursive: true })
})

function cli(words: readonly string[], input = ''): Promise<Ran> {
  return runBin(words, {
    input,
    folder,
    environment: { ...environment, STORAGE_URL: 'sqlite:oauth.sqlite', CLIENTS_FILE: clientsFile },
  })
}

async function signIn(subject: string): Promise<{ id: string; access: string; refresh: string }> {
  const tokens = await server.grants.issue({ clientId: 'app', subject })
  const { grantId = '' } = await server.tokens.verify(tokens.access_token)
  return { id: grantId, access: tokens.access_token, refresh: tokens.refresh_token ?? '' }
}

async function tokenFor(id: string, clientSecret: string): Promise<number> {
  // Another server: this one remembers a client for five seconds.
  const answer = await serviceOn(storage).endpoints.token({
    method: 'POST',
    query: '',
    headers: {
      authorization: `Basic ${Buffer.from(`${id}:${clientSecret}`).toString('base64')}`,
      'content-type': 'application/x-www-form-urlencoded',
    },
    body: Buffer.from('grant_type=client_credentials'),
  })
  return answer.status
}

async function rotate(step: string, secrets: string): Promise<string> {
  const ran = await runBin(['secrets', 'rotate', '--step', step], {
    environment: { OAUTH_SECRETS: secrets },
  })
  expect(ran.code).toBe(0)
  return ran.stdout.trim()
}

describe('the command line', () => {
  test('has the version of its package', async () => {
    const { version: packaged } = JSON.parse(readFileSync(join(__dirname, '..', 'package.json'), 'utf8')) as {
      version: string
    }
    expect(version).toBe(packaged)
    expect(await runBin(['--version'])).toMatchObject({ code: 0, stdout: `${packaged}\n` })
  })

  test.each([[[]], [['--help']], [['help']], [['-h']]])('shows the commands for %j', async (words) => {
    const ran = await runBin(words)
    expect(ran).toMatchObject({ code: 0, stderr: '' })
    for (const name of [
      'clients create',
      'sessions list',
      'token introspect',
      'doctor',
      'copy',
      'Exit codes',
    ]) {
      expect(ran.stdout).toContain(name)
    }
  })

  test.each([['clients create'], ['sessions end-all'], ['doctor'], ['copy']])(
    '%s --help tells of it',
    async (name) => {
      const ran = await runBin([...name.split(' '), '--help'])
      expect(ran).toMatchObject({ code: 0, stderr: '' })
      expect(ran.stdout).toContain(`Usage: oauth-ratchet ${name}`)
      expect(ran.stdout).toContain('--json')
    },
  )

  test.each<[string, readonly string[]]>([
    ['a command that there is none of', ['clinets', 'list']],
    ['a group without a command', ['clients']],
    ['an unknown command of a group', ['clients', 'creat']],
    ['an unknown option', ['clients', 'list', '--bogus']],
    ['a missing argument', ['clients', 'show']],
    ['an argument too many', ['clients', 'show', 'one', 'two']],
    ['a memory storage', ['purge', '--storage', 'memory:']],
    ['a storage of no kind', ['purge', '--storage', 'http://127.0.0.1']],
    ['a token on the command line', ['token', 'introspect', 'ora_token']],
    ['a password on the command line', ['purge', '--storage', 'redis://:hunter2@127.0.0.1']],
    ['seconds that are none', ['clients', 'rotate-secret', 'app', '--overlap', 'soon']],
  ])('%s is wrong use: exit code 2, one sentence on standard error', async (_, words) => {
    const ran = await cli(words)
    expect(ran.code).toBe(2)
    expect(ran.stdout).toBe('')
    expect(ran.stderr).toMatch(/^oauth-ratchet: [^\n]+\nTry: oauth-ratchet --help\n$/)
    expect(ran.stderr).not.toContain('hunter2')
  })

  test('what is not set is said by its name', async () => {
    const ran = await runBin(['clients', 'list', '--storage', `sqlite:${file}`])
    expect(ran).toMatchObject({ code: 2, stderr: expect.stringContaining('ISSUER is not set') as string })
  })

  test('an SQLite file that is not there is no empty one: a misspelt path is an error', async () => {
    const ran = await cli(['sessions', 'list', 'alice', '--storage', 'sqlite:nowhere.sqlite'])
    expect(ran).toMatchObject({ code: 1, stderr: expect.stringContaining('there is no file') as string })
  })

  test.each([['redis'], ['mongodb']])(
    'a %s that is not there is one sentence, without the password',
    async (scheme) => {
      const url = `${scheme}://user:hunter2@127.0.0.1:${await freePort()}/`
      const ran = await runBin(['purge', '--storage', 'env:URL'], { environment: { URL: url } })
      expect(ran.code).toBe(1)
      expect(ran.stderr).toMatch(/^oauth-ratchet: [^\n]+\n$/)
      expect(ran.stderr).not.toContain('hunter2')
    },
  )

  test('a configuration module is taken as a default export, a function, or by the name options', async () => {
    const options = `{ issuer: 'https://auth.example.com', secrets: [process.env.OAUTH_SECRETS], storage }`
    const sqlite = JSON.stringify(join(__dirname, '..', '..', 'sqlite', 'dist', 'esm', 'index.js'))
    const head = `import { SqliteStorage } from ${sqlite}\nconst storage = new SqliteStorage({ file: ${JSON.stringify(file)} })\n`
    const forms = {
      default: `export default ${options}`,
      named: `export const options = ${options}`,
      function: `export default async () => (${options})`,
    }
    for (const [name, source] of Object.entries(forms)) {
      const config = join(folder, `${name}.mjs`)
      writeFileSync(config, head + source)
      const ran = await runBin(['clients', 'list', '--config', config, '--json'], {
        environment: { OAUTH_SECRETS: secret },
      })
      expect({ name, code: ran.code, stderr: ran.stderr }).toEqual({ name, code: 0, stderr: '' })
    }
    const broken = join(folder, 'broken.mjs')
    writeFileSync(broken, 'export const nothing = 1')
    expect(await runBin(['clients', 'list', '--config', broken])).toMatchObject({
      code: 1,
      stderr: expect.stringContaining('must export the options') as string,
    })
  })
})

/** Runs a command with a configuration module of this text. */
function runWith(name: string, source: string, words: readonly string[]): Promise<Ran> {
  const config = join(folder, name)
  writeFileSync(config, source)
  return runBin([...words, '--config', config], { folder, environment: { OAUTH_SECRETS: secret } })
}

describe('a configuration module', () => {
  const sqlite = JSON.stringify(join(__dirname, '..', '..', 'sqlite', 'dist', 'esm', 'index.js'))
  const head = `import { SqliteStorage } from ${sqlite}
import { appendFile } from 'node:fs/promises'
import { setTimeout as wait } from 'node:timers/promises'
const storage = new SqliteStorage({ file: ${JSON.stringify(file)} })
export const options = { issuer: 'https://auth.example.com', secrets: [process.env.OAUTH_SECRETS], storage }
`
  test('has its listeners hear what the command line changes, and by whom, before the process ends', async () => {
    const source = `${head}
export const listeners = {
  'client.changed': async (event) => { await wait(50); await appendFile('heard', JSON.stringify(event) + '\\n') },
}`
    const made = await runWith('listening.mjs', source, [
      'clients',
      'create',
      '--id',
      'heard-of',
      '--public',
      '--grant-type',
      'refresh_token',
    ])
    expect(made).toMatchObject({ code: 0, stderr: '' })
    expect(JSON.parse(readFileSync(join(folder, 'heard'), 'utf8'))).toMatchObject({
      clientId: 'heard-of',
      change: 'created',
      by: expect.stringMatching(/^cli(:.+)?$/) as string,
    })
  })

  test.each([
    ['no object', `export const listeners = []`],
    ['a listener that is no function', `export const listeners = { 'client.changed': 1 }`],
    ['an event that there is none of', `export const listeners = { 'client.change': () => {} }`],
  ])('with %s for listeners is refused, and nothing is changed', async (_case, source) => {
    const ran = await runWith('deaf.mjs', head + source, [
      'clients',
      'create',
      '--id',
      'unheard',
      '--public',
      '--grant-type',
      'refresh_token',
    ])
    expect(ran).toMatchObject({ code: 1, stdout: '' })
    expect(ran.stderr).toMatch(/^oauth-ratchet: [^\n]*(listeners|event)[^\n]*\n$/)
    expect((await cli(['clients', 'show', 'unheard'])).code).toBe(1)
  })

  test.each([
    ['throws', `\nthrow new Error('cannot use ' + process.env.OAUTH_SECRETS)`, /Error was thrown in line 2;/],
    ['cannot be parsed', `\n\nconst secret = hunter2 hunter3`, /cannot be parsed; node --check /],
    [
      'has a function that throws',
      `export default () => { throw process.env.OAUTH_SECRETS }`,
      /something was thrown;/,
    ],
    ['imports what is not there', `import 'not-there'`, /Cannot find package 'not-there'/],
  ])('that %s is one sentence, without what it says of itself', async (_case, source, sentence) => {
    for (const words of [['doctor'], ['clients', 'list']]) {
      const ran = await runWith('broken.mjs', source, words)
      expect(ran).toMatchObject({ code: 1, stdout: '' })
      expect(ran.stderr).toMatch(/^oauth-ratchet: [^\n]+\n$/)
      expect(ran.stderr).toMatch(sentence)
      expect(ran.stderr).not.toContain(secret)
      expect(ran.stderr).not.toContain('hunter')
    }
  })
})

describe('clients', () => {
  test('are created, listed, shown, rotated, disabled and enabled; the secret is shown once', async () => {
    const created = await cli([
      'clients',
      'create',
      '--id',
      'web',
      '--grant-type',
      'client_credentials',
      '--json',
    ])
    expect(created.code).toBe(0)
    const { client_secret: first } = created.json() as { client_secret: string }
    expect(first).toMatch(/^[\w-]{43}$/)
    expect((await cli(['clients', 'list'])).stdout).toMatch(/^web\s+confidential/m)
    const shown = await cli(['clients', 'show', 'web'])
    expect(shown.stdout).toContain('client_credentials')
    expect(shown.stdout).not.toContain(first)
    expect(await tokenFor('web', first)).toBe(200)

    const rotated = await cli(['clients', 'rotate-secret', 'web', '--overlap', '3600', '--json'])
    const { client_secret: second } = rotated.json() as { client_secret: string }
    expect([await tokenFor('web', first), await tokenFor('web', second)]).toEqual([200, 200])
    const again = await cli(['clients', 'rotate-secret', 'web', '--json'])
    const { client_secret: third } = again.json() as { client_secret: string }
    expect([await tokenFor('web', second), await tokenFor('web', third)]).toEqual([401, 200])

    expect((await cli(['clients', 'disable', 'web'])).stdout).toBe('web is disabled.\n')
    expect(await tokenFor('web', third)).toBe(401)
    expect((await cli(['clients', 'enable', 'web'])).code).toBe(0)
    expect(await tokenFor('web', third)).toBe(200)
  })

  test('a client that is taken, wrong or not there is one sentence', async () => {
    await cli(['clients', 'create', '--id', 'taken', '--grant-type', 'client_credentials'])
    const runs = [
      await cli(['clients', 'create', '--id', 'taken', '--grant-type', 'client_credentials']),
      await cli(['clients', 'create', '--redirect-uri', 'https://app.example/*']),
      await cli(['clients', 'show', 'nobody']),
      await cli(['clients', 'disable', 'app']),
    ]
    for (const ran of runs) {
      expect(ran.code).toBe(1)
      expect(ran.stderr).toMatch(/^oauth-ratchet: [^\n]+\n$/)
    }
  })

  test('are imported from a file, all or none', async () => {
    const path = join(folder, 'import.json')
    const client = { grant_types: ['client_credentials'] }
    const write = (clients: unknown): void => writeFileSync(path, JSON.stringify(clients))

    write([
      { ...client, client_id: 'one' },
      { client_id: 'two', redirect_uris: ['nonsense'] },
    ])
    expect((await cli(['clients', 'import', path])).code).toBe(1)
    expect((await cli(['clients', 'show', 'one'])).code).toBe(1)

    write([
      { ...client, client_id: 'one' },
      { ...client, client_id: 'two', client_secret: 'old' },
    ])
    const imported = await cli(['clients', 'import', path, '--new-secrets', '--json'])
    expect(imported.code).toBe(0)
    expect(imported.json()).toMatchObject([
      { client_id: 'one', client_secret: expect.any(String) as string },
      { client_id: 'two', client_secret: expect.any(String) as string },
    ])
    expect((await cli(['clients', 'import', path, '--new-secrets'])).code).toBe(1)
    const skipped = await cli(['clients', 'import', path, '--new-secrets', '--skip-existing'])
    expect(skipped).toMatchObject({ code: 0, stdout: 'No client was registered.\n' })
  })

  test('that move in keep their secrets, which are never shown; a weak one is a warning', async () => {
    const machine = { grant_types: ['client_credentials'], client_id_issued_at: 1 }
    const strong = 'kR3vQd8uXz1LwT6yB9mNc4pHs7jFa2gE5oVi0rUxKtY'
    const clients = [
      { ...machine, client_id: 'moved', client_secret: strong, client_secret_expires_at: 0 },
      { ...machine, client_id: 'guessable', client_secret: 'geheim' },
      { ...machine, client_id: 'new', client_secret: null },
    ]

    const imported = await cli(['clients', 'import', '-'], JSON.stringify(clients))

    expect(imported).toMatchObject({
      code: 0,
      stdout: expect.stringMatching(
        /moved +\(the one it has\)\nguessable +\(the one it has\)\nnew +[\w-]{43}\n/,
      ) as string,
      stderr: expect.stringMatching(/Warning: The secret of client guessable can be guessed/) as string,
    })
    expect(imported.stdout + imported.stderr).not.toMatch(new RegExp(`${strong}|geheim`))
    expect(await tokenFor('moved', strong)).toBe(200)
    expect(await tokenFor('guessable', 'geheim')).toBe(200)
  })

  test('with a secret that expires, or that is no string, are not registered', async () => {
    const client = { client_id: 'odd', grant_types: ['client_credentials'] }
    for (const members of [
      { client_secret: 'geheim', client_secret_expires_at: 4_000_000_000 },
      { client_secret: 7 },
      { client_secret: 'geheim\n' },
    ]) {
      const ran = await cli(['clients', 'import', '-'], JSON.stringify([{ ...client, ...members }]))
      expect(ran).toMatchObject({ code: 1, stderr: expect.stringContaining('secret') as string })
      expect(ran.stderr).not.toContain('geheim')
    }
    expect((await cli(['clients', 'show', 'odd'])).code).toBe(1)
  })
})

describe('sessions', () => {
  test('of a user are listed and ended', async () => {
    const sessions = [await signIn('alice'), await signIn('alice'), await signIn('alice')]
    const other = await signIn('bob')
    const listed = await cli(['sessions', 'list', 'alice', '--json'])
    expect((listed.json() as unknown as { id: string }[]).map(({ id }) => id).toSorted()).toEqual(
      sessions.map(({ id }) => id).toSorted(),
    )
    expect((await cli(['sessions', 'list', 'alice'])).stdout).toContain(sessions[0]?.id)

    const [first, second, third] = sessions
    expect(await cli(['sessions', 'end', first?.id ?? ''])).toMatchObject({ code: 0 })
    expect(await cli(['sessions', 'end', first?.id ?? ''])).toMatchObject({ code: 1 })
    await expect(
      server.tokens.refresh({ refreshToken: first?.refresh ?? '', clientId: 'app' }),
    ).rejects.toMatchObject({ code: 'invalid_grant' })

    const ended = await cli(['sessions', 'end-all', 'alice', '--except', third?.id ?? ''])
    expect(ended).toMatchObject({ code: 0, stdout: '1 session has ended.\n' })
    await expect(server.tokens.verify(second?.access ?? '')).rejects.toMatchObject({ code: 'invalid_token' })
    await server.tokens.verify(third?.access ?? '')
    await server.tokens.verify(other.access)
  })

  test('all of a user end only when the session to keep is one of theirs: with a mistyped id none does', async () => {
    const [dora, erik] = [await signIn('dora'), await signIn('erik')]
    for (const id of ['mistyped', erik.id]) {
      const ran = await cli(['sessions', 'end-all', 'dora', '--except', id])
      expect(ran).toMatchObject({ code: 1, stdout: '', stderr: expect.stringContaining(id) as string })
    }
    await server.tokens.verify(dora.access)
  })

  test('of a user who has none are an empty list', async () => {
    await signIn('alice')
    expect(await cli(['sessions', 'list', 'nobody'])).toMatchObject({ code: 0, stderr: '' })
    expect(await cli(['sessions', 'end-all', 'nobody'])).toMatchObject({ code: 0, stderr: '' })
  })

  test.each([
    ['secrets', { OAUTH_SECRETS: 'dGhpcy1pcy1ub3QtdGhlLXNlY3JldC1vZi10aGUtc2VydmljZQ_4Kd81nZr' }],
    ['issuer', { ISSUER: 'https://other.example.com' }],
  ])('are not said to be none where the %s given cannot open them', async (_what, wrong) => {
    await signIn('alice')
    for (const words of [
      ['sessions', 'list', 'alice'],
      ['sessions', 'end-all', 'alice'],
    ]) {
      const ran = await runBin(words, {
        folder,
        environment: { ...environment, STORAGE_URL: 'sqlite:oauth.sqlite', ...wrong },
      })
      expect(ran).toMatchObject({ code: 1, stdout: '' })
      expect(ran.stderr).toContain('secrets or issuer')
    }
  })
})

describe('token introspect', () => {
  test('reads access and refresh tokens from standard input, and presents nothing', async () => {
    const { access, refresh } = await signIn('carol')
    const ofAccess = await cli(['token', 'introspect', '--json'], `${access}\n`)
    expect(ofAccess.json()).toMatchObject({ active: true, sub: 'carol', client_id: 'app' })
    const ofRefresh = await cli(['token', 'introspect'], refresh)
    expect(ofRefresh).toMatchObject({ code: 0, stdout: expect.stringMatching(/^sub\s+carol$/m) as string })
    await server.tokens.refresh({ refreshToken: refresh, clientId: 'app' })
    const ofSpent = await cli(['token', 'introspect', '--json'], refresh)
    expect(ofSpent.json()).toEqual({ active: false })
    expect((await server.grants.list({ subject: 'carol' })).length).toBe(1)
  })

  test('under a wrong secret it is the secret that is wrong, and not the client', async () => {
    const { access } = await signIn('carol')
    const wrong = await runBin(['token', 'introspect'], {
      input: access,
      folder,
      environment: {
        ...environment,
        OAUTH_SECRETS: 'pW3xkT9vQm2sLd8fZr5cYh1nBj7gEu4oAi6tRw0yXkV',
        STORAGE_URL: 'sqlite:oauth.sqlite',
      },
    })
    expect(wrong.stderr).toMatch(/^None of the secrets made this token/)
    expect(wrong.stderr).not.toContain('client')
    const ended = await cli(['token', 'introspect'], 'ora_x')
    expect(ended.stderr).toMatch(/^Inactive: .*ISSUER.*CLIENTS_FILE/)
  })

  test('nothing on standard input is wrong use', async () => {
    expect(await cli(['token', 'introspect'])).toMatchObject({ code: 2 })
  })
})

describe('copy', () => {
  test('of an empty storage is an error: it is the wrong one, and starting on the copy would lose every session', async () => {
    const empty = new SqliteStorage({ file: join(folder, 'empty.sqlite') })
    await empty.init()
    await empty.close()
    const ran = await cli(['copy', '--from', 'sqlite:empty.sqlite', '--to', 'sqlite:made.sqlite'])
    expect(ran).toMatchObject({
      code: 1,
      stdout: '',
      stderr: expect.stringContaining('nothing in') as string,
    })
  })
})

describe('purge', () => {
  test('removes what has expired, and says how much', async () => {
    await storage.values.stash('old', 'value', Date.now() - 1)
    expect(await cli(['purge', '--json'])).toMatchObject({ code: 0, stdout: '{\n  "removed": 1\n}\n' })
    expect(await cli(['purge'])).toMatchObject({ code: 0, stdout: '0 records were removed.\n' })
  })
})

describe('secrets and keys', () => {
  test('a rotation of secrets is three lists, and no session ends on the way', async () => {
    const { refresh } = await signIn('dave')
    let token = refresh
    const added = await rotate('add', secret)
    const used = await rotate('use', added)
    const dropped = await rotate('drop', used)
    expect(added.split(',')).toEqual([secret, dropped])
    expect(used.split(',')).toEqual([dropped, secret])
    for (const list of [added, used, dropped]) {
      const at = serviceOn(storage, list.split(','))
      token = (await at.tokens.refresh({ refreshToken: token, clientId: 'app' })).refresh_token ?? ''
    }
    expect(token).not.toBe('')
  })

  test('a secret has 48 random bytes, and each is another', async () => {
    const [one, other] = [await runBin(['secrets', 'new']), await runBin(['secrets', 'new'])]
    expect(Buffer.from(one.stdout.trim(), 'base64url')).toHaveLength(48)
    expect(one.stdout).not.toBe(other.stdout)
  })

  test('keys are taken by the server as they are printed', async () => {
    const one = await runBin(['keys', 'new'])
    const rotated = await runBin(['keys', 'rotate'], { environment: { SIGNING_KEYS: `[${one.stdout}]` } })
    const keys = JSON.parse(rotated.stdout) as Record<string, string>[]
    const at = serviceOn(storage, [secret], { format: 'jwt', signingKeys: keys })
    const published = JSON.parse(at.endpoints.jwks().body) as { keys: { kid: string; d?: string }[] }
    expect(published.keys.map(({ kid }) => kid)).toEqual(keys.map(({ kid }) => kid))
    expect(published.keys.every(({ d }) => d === undefined)).toBe(true)
    const used = await runBin(['keys', 'rotate', '--step', 'use'], {
      environment: { SIGNING_KEYS: rotated.stdout },
    })
    expect(JSON.parse(used.stdout)).toEqual(keys.toReversed())
  })

  test('a step that the list is not at is wrong use, and quotes no secret', async () => {
    const ran = await runBin(['secrets', 'rotate', '--step', 'drop'], {
      environment: { OAUTH_SECRETS: secret },
    })
    expect(ran.code).toBe(2)
    expect(ran.stderr).not.toContain(secret)
  })
})
