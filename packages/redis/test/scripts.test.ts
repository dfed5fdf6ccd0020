import { execFileSync } from 'node:child_process'
import { readFileSync, readdirSync } from 'node:fs'
import { join } from 'node:path'

import * as scripts from '../src/scripts.js'

const root = join(__dirname, '..')
const folder = join(root, 'src', 'scripts')
const files = readdirSync(folder).map((name) => ({ name, text: readFileSync(join(folder, name), 'utf8') }))
const parts = new Set(
  files.flatMap(({ text }) => [...text.matchAll(/@include (\S+)/g)].map(([, part]) => part)),
)

describe('the Lua scripts', () => {
  it('are what src/scripts.ts embeds: run scripts/embed-lua.mjs where this fails', () => {
    expect(() =>
      execFileSync(process.execPath, [join(root, 'scripts', 'embed-lua.mjs'), '--check'], { stdio: 'pipe' }),
    ).not.toThrow()
  })

  it('have an embedded text each', () => {
    expect(Object.keys(scripts)).toHaveLength(files.length - parts.size)
  })

  it.each(files.filter(({ name }) => !parts.has(name)))(
    '$name says what it takes, what it answers and what it keeps, and is short',
    ({ text }) => {
      for (const heading of ['-- KEYS[1] ', '-- ARGV[1] ', '-- returns ', '-- keeps ']) {
        expect(text).toContain(heading)
      }
      expect(text.split('\n').length).toBeLessThan(60)
    },
  )

  it('ask no clock, and name every key in KEYS', () => {
    const all = files.map(({ text }) => text).join('\n')
    expect(all).not.toMatch(/'TIME'/)
    const keys = [...all.matchAll(/redis\.call\('\w+', (\S+?)[,)]/g)].map(([, key]) => key)
    expect(new Set(keys)).toEqual(new Set(['KEYS[1]', 'KEYS[2]', 'key']))
  })
})
