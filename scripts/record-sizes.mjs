// Writes what each package weighs when packed, and the most that it may, to testing/repository/package-sizes.json. A
// bound moves only when a package has outgrown it or is much smaller, so that few changes touch the file.
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { packPackages } from './pack.mjs'

const file = new URL('../testing/repository/package-sizes.json', import.meta.url)
const known = JSON.parse(readFileSync(file, 'utf8'))
const folder = mkdtempSync(join(tmpdir(), 'oauth-ratchet-sizes-'))
const sizes = packPackages(folder).map(({ name, size }) => {
  const before = known[name]
  if (before !== undefined && size <= before.bound && size > before.bound * 0.7) return [name, before]
  return [name, { packed: size, bound: Math.ceil((size * 1.15) / 1000) * 1000 }]
})
rmSync(folder, { recursive: true })
writeFileSync(
  file,
  `${JSON.stringify(Object.fromEntries(sizes.toSorted(([a], [b]) => (a < b ? -1 : 1))), null, 2)}\n`,
)
