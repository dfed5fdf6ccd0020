import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir, userInfo } from 'node:os'
import { join } from 'node:path'
import { Writable } from 'node:stream'

import { SqliteStorage } from '@oauth-ratchet/sqlite'

import { run } from '../src/run.js'
import { environment, serviceOn } from './setup/service.js'

const folder = mkdtempSync(join(tmpdir(), 'cli-operator-'))
const file = join(folder, 'oauth.sqlite')
const storage = new SqliteStorage({ file })
const server = serviceOn(storage)

beforeAll(() => server.ready())

afterEach(() => jest.restoreAllMocks())

afterAll(async () => {
  await server.close()
  rmSync(folder, { recursive: true })
})

const nowhere = () => new Writable({ write: (_chunk, _encoding, done) => done() })

async function cli(...words: readonly string[]): Promise<number> {
  return run(
    words,
    { ...environment, STORAGE_URL: `sqlite:${file}` },
    { stdout: nowhere(), stderr: nowhere() },
  )
}

/** What a method of all servers in this process is called with, and does as before. */
function callsOf(part: object, method: string): readonly unknown[][] {
  return jest.spyOn(Object.getPrototypeOf(part) as Record<string, () => unknown>, method).mock.calls
}

test('every command that changes something says that it was the command line, and whose', async () => {
  const by = `cli:${userInfo().username}`
  const list = join(folder, 'clients.json')
  writeFileSync(
    list,
    JSON.stringify([{ client_id: 'b', token_endpoint_auth_method: 'none', grant_types: [] }]),
  )
  const { clients, grants } = server
  const [create, rotate, disable] = ['create', 'rotateSecret', 'disable'].map((name) =>
    callsOf(clients, name),
  )
  const [revoke, revokeSome] = ['revoke', 'revokeSome'].map((name) => callsOf(grants, name))

  const codes = [
    await cli('clients', 'create', '--id', 'a', '--grant-type', 'client_credentials'),
    await cli('clients', 'rotate-secret', 'a'),
    await cli('clients', 'disable', 'a'),
    await cli('clients', 'enable', 'a'),
    await cli('clients', 'import', list),
    await cli('sessions', 'end', 'A'.repeat(22)),
    await cli('sessions', 'end-all', 'alice'),
  ]

  expect(codes).toEqual([0, 0, 0, 0, 0, 1, 0])
  // The import registers them at a server of its own first.
  expect(create?.map(([, options]) => options)).toEqual([{ by }, {}, { by }])
  expect(rotate).toEqual([['a', { overlap: 0, by }]])
  expect(disable).toEqual([
    ['a', true, { by }],
    ['a', false, { by }],
  ])
  expect(revoke).toEqual([['A'.repeat(22), { by }]])
  expect(revokeSome).toEqual([[{ subject: 'alice', by, seconds: 1 }]])
})
