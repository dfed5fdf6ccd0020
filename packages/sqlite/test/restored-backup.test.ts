import { createAuthorizationServer } from '@oauth-ratchet/core'
import type { AuthorizationServer, AuthorizationServerOptions, TokenResponse } from '@oauth-ratchet/core'
import BetterSqlite3 from 'better-sqlite3'
import { copyFileSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { SqliteStorage } from '../src/index.js'

const clientId = 'app'
const folder = mkdtempSync(join(tmpdir(), 'oauth-ratchet-backup-'))
const [file, backup] = [join(folder, 'oauth.sqlite'), join(folder, 'backup.sqlite')]
let now = Date.now()
const servers: AuthorizationServer[] = []

async function start(database: string, options: Partial<AuthorizationServerOptions> = {}) {
  const server = createAuthorizationServer({
    issuer: 'https://auth.example.com',
    secrets: ['5ms2wAbr8Ak0DXalcd2unhsqzSfGHYcaaZ4HGSSYQzFF9VGR'],
    storage: new SqliteStorage({ file: database }),
    scopes: [],
    clients: [{ client_id: clientId, token_endpoint_auth_method: 'none', grant_types: ['refresh_token'] }],
    now: () => now,
    ...options,
  })
  servers.push(server)
  await server.ready()
  return server
}

/** The same backup once more, in a file of its own. */
function restored(name: string): string {
  const place = join(folder, `${name}.sqlite`)
  copyFileSync(backup, place)
  return place
}

const signIn = (server: AuthorizationServer) => server.grants.issue({ clientId, subject: 'alice' })
const tokenOf = ({ refresh_token = '' }: TokenResponse) => refresh_token
const refresh = (server: AuthorizationServer, refreshToken: string) =>
  server.tokens.refresh({ refreshToken, clientId })
const over = { code: 'invalid_grant' }

describe('a backup of an hour ago that was restored', () => {
  const tokens = { used: '', revoked: '', idle: '', later: '' }
  const revokedSince: string[] = []

  beforeAll(async () => {
    const server = await start(file)
    server.on('grant.revoked', ({ grantId }) => revokedSince.push(grantId))
    for (const name of ['used', 'revoked', 'idle'] as const) tokens[name] = tokenOf(await signIn(server))
    const database = new BetterSqlite3(file)
    database.exec(`VACUUM INTO '${backup}'`)
    database.close()

    now += 3_600_000
    for (let turn = 0; turn < 3; turn++) tokens.used = tokenOf(await refresh(server, tokens.used))
    await server.tokens.revoke(tokens.revoked)
    tokens.later = tokenOf(await signIn(server))
  })

  afterAll(async () => {
    for (const server of servers) await server.close()
    rmSync(folder, { recursive: true })
  })

  test('knows no session from after it, and none that was refreshed since; that one is not ended', async () => {
    const server = await start(restored('as-it-is'))

    await expect(refresh(server, tokens.later)).rejects.toMatchObject(over)
    await expect(refresh(server, tokens.used)).rejects.toMatchObject(over)
    await expect(refresh(server, tokens.idle)).resolves.toBeDefined()
    expect(await server.grants.list({ subject: 'alice' })).toHaveLength(3)
  })

  test('has what was revoked since as live again, until it is ended by what the events say', async () => {
    const server = await start(restored('revoked'))
    const again = tokenOf(await refresh(server, tokens.revoked))

    for (const id of revokedSince) await server.grants.revoke(id)

    expect(revokedSince).toHaveLength(1)
    await expect(refresh(server, again)).rejects.toMatchObject(over)
    await expect(refresh(server, tokens.idle)).resolves.toBeDefined()
  })

  test('with acceptAhead goes on with sessions that were refreshed since, up to so many times', async () => {
    const [two, three] = [
      await start(restored('two'), { refreshToken: { acceptAhead: 2 } }),
      await start(restored('three'), { refreshToken: { acceptAhead: 3 } }),
    ]

    await expect(refresh(two, tokens.used)).rejects.toMatchObject(over)
    await expect(refresh(three, tokens.used)).resolves.toBeDefined()
  })

  test('with grantsNotBefore lets nobody in from before, and everybody who signs in anew', async () => {
    const server = await start(restored('nobody'), { grantsNotBefore: new Date(now) })

    for (const token of [tokens.used, tokens.revoked, tokens.idle])
      await expect(refresh(server, token)).rejects.toMatchObject(over)
    await expect(refresh(server, tokenOf(await signIn(server)))).resolves.toBeDefined()
  })
})
