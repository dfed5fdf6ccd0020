import { spawnSync } from 'node:child_process'
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'

const root = join(__dirname, '..', '..', '..')
const snapshots = join(root, 'testing', 'repository', 'api')

const { stdout, stderr } = spawnSync(process.execPath, [join(root, 'scripts', 'public-api.mjs'), '--print'], {
  encoding: 'utf8',
  maxBuffer: 1 << 26,
})

test('the public API is what testing/repository/api says: `npm run api` records a change that is meant', () => {
  expect(stderr).toBe('')
  const recorded = Object.fromEntries(
    readdirSync(snapshots).map((name) => [name, readFileSync(join(snapshots, name), 'utf8')]),
  )
  expect(JSON.parse(stdout)).toEqual(recorded)
})

// What the record is made of, where a fault of its own would leave something out.
test.each([
  ['core.d.ts', 'export { createAuthorizationServer }'],
  ['core.d.ts', 'export { json as jsonResponse }'],
  ['core.d.ts', 'interface AuthorizationServerOptions'],
  ['core.d.ts', 'export { MemoryStorage }'],
  ['core.d.ts', 'export { grantRecord }'],
  ['client.d.ts', '// @oauth-ratchet/client/node'],
  ['client.d.ts', 'declare function attachToAxios'],
  ['express.d.ts', 'declare global'],
  ['express.d.ts', "export { ConsentForm } from '@oauth-ratchet/http'"],
  ['http.d.ts', 'type SessionsUserResult'],
])('%s records %s', (name, expected) => {
  expect((JSON.parse(stdout) as Record<string, string>)[name]).toContain(expected)
})
