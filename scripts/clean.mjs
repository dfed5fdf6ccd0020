// Removes what the build made.
import { readdirSync, rmSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'

const root = join(dirname(fileURLToPath(import.meta.url)), '..')
for (const group of ['packages', 'examples']) {
  for (const name of readdirSync(join(root, group))) {
    rmSync(join(root, group, name, 'dist'), { recursive: true, force: true })
  }
}
