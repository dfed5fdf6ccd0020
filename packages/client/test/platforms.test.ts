import { execFile } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { build } from 'esbuild'
import { webLock } from '../src/locks/web-lock'
import { startService } from './setup/service'
import { closeTabs, openTab } from './setup/tabs'

afterEach(closeTabs)

const sources = join(__dirname, '..', 'src')
const alias = { '@oauth-ratchet/client': join(sources, 'index.ts') }

test('a client signs in, calls, refreshes and signs out where the platform has little: React Native, browsers of 2020', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'client-'))
  const service = await startService()
  try {
    const outfile = join(folder, 'bare-platform.mjs')
    const entryPoints = [join(__dirname, 'fixtures', 'bare-platform.ts')]
    await build({ entryPoints, outfile, bundle: true, platform: 'node', format: 'esm', alias })

    const { stdout } = await promisify(execFile)(process.execPath, [outfile, service.issuer, service.api])

    expect(JSON.parse(stdout)).toEqual({
      statuses: [200, 200],
      renewed: true,
      aborted: 'AbortError',
      elsewhere: [],
      kept: null,
      events: ['adopted', 'refreshed', 'signed-out'],
    })
    expect(service.refreshes).toHaveLength(1)
    expect(service.revocations).toHaveLength(1)
  } finally {
    await service.close()
    rmSync(folder, { recursive: true, force: true })
  }
})

/** The package as a bundler makes it for these browsers. */
async function bundle(target: string[]): Promise<string> {
  const { outputFiles } = await build({
    entryPoints: [join(sources, 'index.ts'), join(sources, 'axios.ts')],
    bundle: true,
    splitting: true,
    format: 'esm',
    outdir: '/',
    tsconfigRaw: { compilerOptions: { target: 'es2023' } },
    target,
    write: false,
  })
  return outputFiles.map(({ text }) => text).join('\n')
}

test('the syntax of what is published needs no browser later than those that the README names', async () => {
  expect(await bundle(['chrome91', 'firefox90', 'safari15'])).toBe(await bundle(['esnext']))
})

test('a relative URL is judged as the page resolves it: against its `<base>`', () => {
  const page = { baseURI: 'https://cdn.example/app/' }
  Object.assign(globalThis, {
    document: page,
    location: { origin: 'https://app.example', href: 'https://app.example/' },
  })
  const { client } = openTab({ issuer: 'https://auth.example', store: 'memory', resources: [] })
  try {
    expect(client.sendsTokenTo('notes')).toBe(false)
    page.baseURI = 'https://app.example/'
    expect(client.sendsTokenTo('notes')).toBe(true)
    expect(client.sendsTokenTo('//cdn.example/notes')).toBe(false)
  } finally {
    Reflect.deleteProperty(globalThis, 'document')
    Reflect.deleteProperty(globalThis, 'location')
  }
})

test('a page without an origin of its own, whose location says "null", sends the token to no URL that has none', () => {
  Object.assign(globalThis, { location: { origin: 'null', href: 'about:srcdoc' } })
  const { client } = openTab({ issuer: 'https://auth.example', store: 'memory', resources: [] })
  try {
    expect(['data:,x', 'blob:null/x', 'app:x'].filter((url) => client.sendsTokenTo(url))).toEqual([])
  } finally {
    Reflect.deleteProperty(globalThis, 'location')
  }
})

const notAllowed = (): Promise<never> => Promise.reject(new DOMException('Denied here.', 'SecurityError'))

test('a page that may not use Web Locks, having no origin of its own, refreshes without them', async () => {
  const service = await startService()
  const lock = webLock({ request: notAllowed, query: notAllowed })
  const { client } = openTab({ issuer: service.issuer, store: 'memory', lock })
  try {
    const tokens = await service.signedIn()
    await client.adopt(tokens)

    await expect(client.getAccessToken({ rejected: tokens.access_token })).resolves.toMatch(/./)
    expect(service.refreshes).toHaveLength(1)
  } finally {
    await service.close()
  }
})
