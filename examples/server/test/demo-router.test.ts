import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { request as rawRequest } from 'node:http'
import { runApp } from './support/in-process.js'

const parent = mkdtempSync(join(tmpdir(), 'oauth-ratchet-demo-files-'))
const demoFolder = join(parent, 'dist')
beforeAll(() => {
  mkdirSync(demoFolder)
  writeFileSync(join(parent, 'outside.txt'), 'not to be seen')
  writeFileSync(join(demoFolder, 'index.html'), '<title>demo</title>')
  writeFileSync(join(demoFolder, 'demo.js'), 'export {}')
  writeFileSync(join(demoFolder, 'demo.css'), 'p {}')
})
afterAll(() => rmSync(parent, { recursive: true }))

test.each([
  ['', 'text/html; charset=utf-8'],
  ['demo.js', 'text/javascript; charset=utf-8'],
  ['demo.css', 'text/css; charset=utf-8'],
])(
  '/demo/%s has its type, an ETag to ask again with, and a policy without inline scripts',
  async (name, type) => {
    const { url } = await runApp({ demoFolder })
    const response = await fetch(`${url}/demo/${name}`)
    expect(response.status).toBe(200)
    expect(response.headers.get('content-type')).toBe(type)
    expect(response.headers.get('cache-control')).toBe('no-cache')
    const policy = response.headers.get('content-security-policy')
    expect(policy).toContain("default-src 'none';")
    expect(policy).toContain("script-src 'self';")
    expect(policy).not.toContain('unsafe')
    const headers = { 'if-none-match': response.headers.get('etag') ?? '', 'cache-control': 'max-age=0' }
    expect((await fetch(response.url, { headers })).status).toBe(304)
  },
)

test.each([
  '/demo/../outside.txt',
  '/demo/%2e%2e/outside.txt',
  '/demo/..%2foutside.txt',
  '/demo/%2e%2e%5coutside.txt',
])('nothing outside of the folder is served: %s', async (path) => {
  const { url } = await runApp({ demoFolder })
  const { port } = new URL(url)
  // Not fetch, which takes the dots out.
  const answer = await new Promise<{ status: number | undefined; text: string }>((done, failed) => {
    rawRequest({ host: '127.0.0.1', port, path }, (response) => {
      let text = ''
      response.on('data', (chunk: Buffer) => (text += chunk.toString()))
      response.on('end', () => done({ status: response.statusCode, text }))
    })
      .on('error', failed)
      .end()
  })
  expect([400, 403, 404]).toContain(answer.status)
  expect(answer.text).not.toContain('not to be seen')
})

test('the page learns where the server is, and whether its client is there', async () => {
  const { url, issuer } = await runApp({ demoFolder, path: '/tenant' })
  const settings = await fetch(`${url}/tenant/demo/settings.json`)
  expect(settings.headers.get('cache-control')).toBe('no-store')
  expect(await settings.json()).toEqual({ issuer, tokenEndpoint: `${issuer}/oauth/token`, clientId: 'demo' })
  const own = await runApp({ demoFolder, demo: undefined, clients: [] })
  expect(await (await fetch(`${own.url}/demo/settings.json`)).json()).toMatchObject({ clientId: null })
})

test('the first page runs a script only where there is one, and the other pages run none', async () => {
  const withDemo = await runApp({ demoFolder })
  const home = await fetch(withDemo.url)
  expect(home.headers.get('content-security-policy')).toContain("script-src 'self'")
  expect(await home.text()).toContain('href="/demo/"')
  const without = await runApp()
  expect(await (await fetch(without.url)).text()).not.toContain('/demo/copy-buttons.js')
  for (const address of [`${withDemo.url}/nowhere`, without.url]) {
    expect((await fetch(address)).headers.get('content-security-policy')).not.toContain('script-src')
  }
})
