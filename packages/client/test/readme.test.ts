import { spawnSync } from 'node:child_process'
import { copyFileSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'

const root = join(__dirname, '..', '..', '..')

test('every program of the README compiles', () => {
  const readme = readFileSync(join(__dirname, '..', 'README.md'), 'utf8')
  const blocks = [...readme.matchAll(/```(tsx?)\n([\s\S]*?)```/g)]
  // Inside the repository, so that packages are found; outside of what other tests look at.
  const parent = join(root, 'packages', 'client', 'dist', 'readme')
  mkdirSync(parent, { recursive: true })
  const folder = mkdtempSync(join(parent, 'blocks-'))
  try {
    blocks.forEach(([, extension, text], index) =>
      writeFileSync(join(folder, `block-${index}.${extension}`), text ?? ''),
    )
    copyFileSync(
      join(__dirname, 'fixtures', 'readme', 'frameworks.d.ts.txt'),
      join(folder, 'frameworks.d.ts'),
    )
    writeFileSync(
      join(folder, 'tsconfig.json'),
      JSON.stringify({
        extends: join(root, 'tsconfig.test.json'),
        compilerOptions: { jsx: 'preserve', moduleDetection: 'force', types: ['node'] },
        include: ['.'],
      }),
    )
    const tsc = join(root, 'node_modules', 'typescript', 'bin', 'tsc')
    const { stdout } = spawnSync(process.execPath, [tsc, '-p', folder], { encoding: 'utf8' })

    expect(blocks.length).toBeGreaterThanOrEqual(7)
    expect(stdout).toBe('')
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}, 120_000)
