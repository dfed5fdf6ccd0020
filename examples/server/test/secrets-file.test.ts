import { readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { demoSecrets } from '../src/demo-clients.js'
import { randomSecret, readOrMake } from '../src/secrets-file.js'
import { temporaryFolder } from './support/server-process.js'

const folder = temporaryFolder()

test('a file is made once, for its owner only, in a folder for its owner only', () => {
  const file = join(folder, 'once', 'secret')
  const secret = readOrMake(file, randomSecret)
  expect(secret).toMatch(/^[\w-]{43}$/)
  expect(readOrMake(file, randomSecret)).toBe(secret)
  expect(statSync(file).mode & 0o777).toBe(0o600)
  expect(statSync(join(folder, 'once')).mode & 0o777).toBe(0o700)
  expect(readdirSync(join(folder, 'once'))).toEqual(['secret'])
})

test('who comes second while the file is being made takes what the first has made', () => {
  const file = join(folder, 'raced')
  const ours = readOrMake(file, () => {
    expect(readOrMake(file, () => 'theirs')).toBe('theirs')
    return 'ours'
  })
  expect(ours).toBe('theirs')
  expect(readFileSync(file, 'utf8')).toBe('theirs')
})

test('a file that can be neither read nor made is told with its path and the reason', () => {
  writeFileSync(join(folder, 'plain'), '')
  const file = join(folder, 'plain', 'secret')
  const message = `${file} can neither be read nor made: ENOTDIR.`
  expect(() => readOrMake(file, randomSecret)).toThrow(
    expect.objectContaining({ name: 'SettingError', message }),
  )
})

test.each(['', '{', '[]', '{"web":"w"}', '{"web":1,"service":1,"trusted":1,"api":1}'])(
  'demo secrets that are damaged (%j) are not replaced, but told',
  (content) => {
    const file = join(folder, 'demo.json')
    writeFileSync(file, content)
    expect(() => demoSecrets(file)).toThrow(/is damaged/)
    expect(readFileSync(file, 'utf8')).toBe(content)
  },
)
