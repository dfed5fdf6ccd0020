import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'

const examples = join(__dirname, '..', '..', '..', 'examples')
/** Programs with pages of their own, and not samples to read at a glance. */
const large = new Set(['browser', 'server'])

const programs = readdirSync(examples)
  .filter((name) => !large.has(name))
  .flatMap((name) => readdirSync(join(examples, name, 'src')).map((file) => join(name, 'src', file)))

test.each(programs)('examples/%s has under 80 lines without comments', (program) => {
  const lines = readFileSync(join(examples, program), 'utf8').trimEnd().split('\n')
  expect(lines.filter((line) => !/^\s*(?:\/\/|\/?\*)/.test(line)).length).toBeLessThan(80)
})
