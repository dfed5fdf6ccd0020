import { spawnSync } from 'node:child_process'
import { existsSync, readFileSync, readdirSync } from 'node:fs'
import { join } from 'node:path'

const root = join(__dirname, '..', '..', '..')
const website = join(root, 'website')

test('every page of docs/ has its place on the site', () => {
  const list = readFileSync(join(website, 'pages.mjs'), 'utf8')
  const pages = readdirSync(join(root, 'docs')).filter((name) => name.endsWith('.md'))
  expect(pages.filter((name) => !list.includes(`'docs/${name}'`))).toEqual([])
})

// The reference is left out here, since it takes as long again; CI's job `docs` makes it.
test('the site is built: its links lead somewhere, it loads nothing from other hosts, and it can be searched', () => {
  const { status, stdout, stderr } = spawnSync(
    process.execPath,
    [join(root, 'scripts', 'docs.mjs'), '--without-api'],
    { encoding: 'utf8', env: { ...process.env, NODE_ENV: 'production' } },
  )
  expect({ status, stderr: status === 0 ? '' : stderr + stdout }).toEqual({ status: 0, stderr: '' })
  expect(stdout).toMatch(/\d+ pages, no faults/)
  expect(existsSync(join(website, 'dist', 'index.html'))).toBe(true)
}, 600_000)
