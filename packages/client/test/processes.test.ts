import { spawn } from 'node:child_process'
import type { ChildProcessWithoutNullStreams } from 'node:child_process'
import { once } from 'node:events'
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import promises from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { fileSession } from '@oauth-ratchet/client/node'
import { buildSync } from 'esbuild'
import { startService } from './setup/service'
import type { Service } from './setup/service'
import { closeTabs, openTab } from './setup/tabs'

const folder = mkdtempSync(join(tmpdir(), 'client-'))
const program = join(folder, 'process.mjs')
const path = join(folder, 'session', 'tokens.json')
const running: ChildProcessWithoutNullStreams[] = []

beforeAll(() => {
  const sources = join(__dirname, '..', 'src')
  buildSync({
    entryPoints: [join(__dirname, 'fixtures', 'process.ts')],
    outfile: program,
    bundle: true,
    platform: 'node',
    format: 'esm',
    alias: {
      '@oauth-ratchet/client': join(sources, 'index.ts'),
      '@oauth-ratchet/client/node': join(sources, 'node', 'index.ts'),
    },
  })
})
afterAll(() => rmSync(folder, { recursive: true, force: true }))

let service: Service
beforeEach(async () => {
  service = await startService()
})
afterEach(async () => {
  for (const child of running.splice(0)) child.kill('SIGKILL')
  closeTabs()
  rmSync(join(folder, 'session'), { recursive: true, force: true })
  await service.close()
})

async function signedIn(): Promise<string> {
  const { client } = openTab({ issuer: service.issuer, ...fileSession(path) })
  const tokens = await service.signedIn()
  await client.adopt(tokens)
  return tokens.access_token
}

function start() {
  const child = spawn(process.execPath, [program, service.issuer, path, service.api])
  child.stderr.pipe(process.stderr)
  running.push(child)
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]()
  return {
    child,
    ask: (): void => void child.stdin.write('.\n'),
    answer: async (): Promise<string> => (await lines.next()).value as string,
  }
}

test('the file and its folder are the user’s own', async () => {
  await signedIn()

  expect(statSync(path).mode & 0o777).toBe(0o600)
  expect(statSync(join(folder, 'session')).mode & 0o777).toBe(0o700)
})

test('a session that cannot be kept leaves no copy of its tokens beside the file', async () => {
  // A folder in the file's place, which no file can be moved over.
  mkdirSync(path, { recursive: true })

  await expect(fileSession(path).store.set('{"refreshToken":"r"}')).rejects.toThrow()

  expect(readdirSync(join(folder, 'session'))).toEqual(['tokens.json'])
})

test('a lock file that cannot be removed is no uncaught fault: it is taken for abandoned later', async () => {
  const uncaught: unknown[] = []
  const note = (error: unknown): void => void uncaught.push(error)
  process.on('unhandledRejection', note)
  const remove = jest.spyOn(promises, 'rm')
  const tried = new Promise<void>((resolve) => {
    remove.mockImplementation(async () => {
      resolve()
      throw new Error('EPERM')
    })
  })
  try {
    const release = await fileSession(path).lock.acquire('app', 1000)
    release?.()
    await tried
    await new Promise(setImmediate)
  } finally {
    remove.mockRestore()
    process.off('unhandledRejection', note)
  }
  expect(uncaught).toEqual([])
})

test('of four processes on one file one refreshes, and all get on', async () => {
  let token = await signedIn()
  const processes = [start(), start(), start(), start()]
  for (let round = 1; round <= 5; round++) {
    service.refused.add(token)
    for (const { ask } of processes) ask()
    await expect(Promise.all(processes.map(({ answer }) => answer()))).resolves.toEqual(Array(4).fill('200'))
    expect(service.refreshes).toHaveLength(round)
    token = (JSON.parse(readFileSync(path, 'utf8')) as { accessToken: string }).accessToken
  }
  expect(service.events.filter((name) => name !== 'grant.turned')).toEqual([])
})

test('a process that is killed while it waits for its answer costs the others nothing', async () => {
  service.refused.add(await signedIn())
  service.forecast.push('late')
  const [victim, other] = [start(), start()]
  victim.ask()
  await service.nextRefresh()
  victim.child.kill('SIGKILL')
  await once(victim.child, 'exit')
  other.ask()

  await expect(other.answer()).resolves.toBe('200')
  expect(service.events).not.toContain('grant.revoked')
  expect(new Set(service.refreshes.map(({ key }) => key)).size).toBe(1)
})

test('a lock that a process of another machine or of before a restart has left is taken away in time', async () => {
  service.refused.add(await signedIn())
  writeFileSync(`${path}.lock`, '999999999 somebody')
  const only = start()
  only.ask()

  await expect(only.answer()).resolves.toBe('200')
})
